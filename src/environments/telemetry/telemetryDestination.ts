import { Agent, type ClientRequest, request } from 'node:http'
import type { Socket } from 'node:net'
import type { TelemetryTarget } from './telemetrySubscription.ts'

/** Where a subscriber takes events. */
export interface TelemetryDestination {
  /** Resolves when they were taken; rejects with an Error that says why not. Each is JSON. One call at a time. */
  send(events: readonly string[]): Promise<void>
  /** Ends its connection. */
  close(): void
}

/** Connects to a port of the sandbox's own loopback. */
export type ConnectInside = (port: number) => Promise<Socket>

/** Rejects where a destination over TCP has nobody who listens yet; one over HTTP is connected to with its first events. */
export async function openTelemetryDestination(
  target: TelemetryTarget,
  connect: ConnectInside,
): Promise<TelemetryDestination> {
  return target.protocol === 'TCP' ? tcpDestination(await connect(target.port)) : httpDestination(target, connect)
}

/** Events as lines of JSON, one behind the other. */
function tcpDestination(socket: Socket): TelemetryDestination {
  // What is sent back is nobody's; a socket that is not read never learns of its end.
  socket.on('error', () => undefined).resume()
  return {
    send: (events) =>
      new Promise((resolve, reject) => {
        socket.write(events.map((event) => `${event}\n`).join(''), (error) =>
          error === null || error === undefined ? resolve() : reject(error),
        )
      }),
    close: () => socket.destroy(),
  }
}

/** Events as a JSON array in a POST request, over one connection that is kept. */
function httpDestination(
  { port, path }: Extract<TelemetryTarget, { protocol: 'HTTP' }>,
  connect: ConnectInside,
): TelemetryDestination {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  agent.createConnection = (_options, callback) => {
    connect(port).then(
      (socket) => callback?.(null, socket),
      (error: Error) => callback?.(error, undefined as never),
    )
    return undefined
  }
  const post = (body: string) => {
    const headers = {
      Host: `sandbox.localdomain:${port}`,
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
    }
    return answerTo(request({ method: 'POST', agent, path, headers }), body)
  }
  return {
    async send(events) {
      const body = `[${events.join(',')}]`
      // The other end may close a connection that rests at the very moment at which it is used again.
      if (!(await post(body))) await post(body)
    },
    close: () => agent.destroy(),
  }
}

/** True when the request was answered well, false where the connection that was kept for it had ended before it. */
function answerTo(sent: ClientRequest, body: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    sent.once('response', (response) => {
      const { statusCode = 0 } = response
      response.once('error', reject).once('end', () => {
        if (statusCode < 400) resolve(true)
        else reject(new Error(`the extension answered with status ${statusCode}`))
      })
      response.resume()
    })
    sent.on('error', (error: NodeJS.ErrnoException) => {
      if (sent.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')) resolve(false)
      else reject(error)
    })
    sent.end(body)
  })
}
