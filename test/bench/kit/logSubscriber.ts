import { once } from 'node:events'
import { WebSocket } from 'ws'

/** How a log is followed: a message for each line, or for several of them. */
export type Following = 'SINGLY' | 'IN_BATCHES'

/** One who follows the log of a function over a WebSocket of its own. */
export interface LogSubscriber extends Disposable {
  /** Rejects where the service ends the stream. */
  readonly failed: Promise<never>
}

interface Next {
  readonly type: string
  readonly payload?: {
    readonly data: { readonly logTail?: Line; readonly logTailBatches?: { readonly events: readonly Line[] } }
  }
}
interface Line {
  readonly message: string
}

const TAILS: Readonly<Record<Following, string>> = {
  SINGLY: 'subscription ($f: String!) { logTail(functionName: $f, after: "") { message } }',
  IN_BATCHES: 'subscription ($f: String!) { logTailBatches(functionName: $f, after: "") { events { message } } }',
}
const REMEMBERED_TEXTS = 256

/**
 * What the messages of subscribers say. It remembers the latest: fifty subscribers are sent the same, and share a
 * processor with the service that is measured.
 */
export class MessageReader {
  readonly #known = new Map<string, Next>()

  read(text: string): Next {
    const known = this.#known.get(text)
    if (known !== undefined) return known
    if (this.#known.size === REMEMBERED_TEXTS) this.#known.clear()
    const next = JSON.parse(text) as Next
    this.#known.set(text, next)
    return next
  }
}

/** Follows a function's log, and calls `onMessage` with what each line of the console says. It speaks the protocol itself. */
export async function followLog(
  { url, token }: { readonly url: string; readonly token: string },
  functionName: string,
  following: Following,
  reader: MessageReader,
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
      const { type, payload } = reader.read(text)
      if (type === 'ping') return socket.send('{"type":"pong"}')
      const { logTail, logTailBatches } = payload?.data ?? {}
      const lines = logTail === undefined ? logTailBatches?.events : [logTail]
      if (lines === undefined) return reject(new Error(text))
      // Before it stand time, request and level, between tabs.
      for (const { message } of lines) onMessage(message.slice(message.lastIndexOf('\t') + 1).trimEnd())
    })
  })
  // Who waits for it may come later than it fails.
  failed.catch(() => undefined)
  const payload = { query: TAILS[following], variables: { f: functionName } }
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }))
  return {
    failed,
    [Symbol.dispose]() {
      isOver = true
      socket.terminate()
    },
  }
}
