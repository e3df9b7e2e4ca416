import { once } from 'node:events'
import { WebSocket } from 'ws'

/** One who follows the log of a function over a WebSocket of its own. */
export interface LogSubscriber extends Disposable {
  /** Rejects where the service ends the stream. */
  readonly failed: Promise<never>
}

const TAIL = 'subscription ($f: String!) { logTail(functionName: $f, after: "") { message } }'

/**
 * Follows a function's log, and calls `onMessage` with what each line of the console says. It speaks the protocol itself and parses only
 * the message, for fifty of them share a processor with the service.
 */
export async function followLog(
  url: string,
  token: string,
  functionName: string,
  onMessage: (message: string) => void,
): Promise<LogSubscriber> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws')
  await once(socket, 'open')
  socket.send(JSON.stringify({ type: 'connection_init', payload: { token } }))
  const [acknowledgement] = await once(socket, 'message')
  if (!String(acknowledgement).includes('connection_ack')) throw new Error(String(acknowledgement))
  let isOver = false
  const failed = new Promise<never>((_resolve, reject) => {
    socket.on('close', (code, reason) => {
      if (!isOver) reject(new Error(`a log stream ended: ${code} ${reason}`))
    })
    socket.on('message', (data: Buffer) => {
      if (isOver) return
      const text = data.toString()
      const message = /"logTail":\{"message":("(?:[^"\\]|\\.)*")\}/.exec(text)?.[1]
      // Before it stand time, request and level, between tabs.
      if (message !== undefined) onMessage((JSON.parse(message) as string).split('\t').at(-1)!.trimEnd())
      else if (text.includes('"type":"ping"')) socket.send('{"type":"pong"}')
      else reject(new Error(text))
    })
  })
  // Who waits for it may come later than it fails.
  failed.catch(() => undefined)
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: TAIL, variables: { f: functionName } } }))
  return {
    failed,
    [Symbol.dispose]() {
      isOver = true
      socket.terminate()
    },
  }
}
