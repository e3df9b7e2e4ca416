import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A request that is sent again and again. */
export interface LoadRequest {
  /** For example `http://127.0.0.1:4000/graphql`. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** What every answer must contain. */
  readonly expects: string
}

/** When it is enough, whichever comes first. */
export interface LoadLimit {
  readonly durationMs?: number
  readonly requests?: number
}

/** What came of sending it. */
export interface LoadResult {
  readonly timesMs: readonly number[]
  readonly perSecond: number
}

/**
 * Sends requests over and over on so many connections, each waiting for its answer before it asks again: of several, one
 * after the other; those of different servers are divided evenly among the connections. Throws where
 * an answer is not 200 or is not what is expected. It writes to sockets itself: a client that takes as long as the
 * server would measure itself on a machine with two cores.
 */
export async function runLoad(
  requests: LoadRequest | readonly LoadRequest[],
  connections: number,
  limit: LoadLimit,
): Promise<LoadResult> {
  const { durationMs = Number.POSITIVE_INFINITY, requests: most = Number.POSITIVE_INFINITY } = limit
  const servers = byServer([requests].flat())
  const sockets = await Promise.all(
    Array.from({ length: connections }, async (_, index) => {
      const own = servers[index % servers.length]!
      return { own, socket: await open(own[0]!.request.url) }
    }),
  )
  const timesMs: number[] = []
  const beganMs = performance.now()
  const untilMs = beganMs + durationMs
  let sent = 0
  try {
    await Promise.all(
      sockets.map(async ({ own, socket }) => {
        let sentMs = performance.now()
        while (sentMs < untilMs && sent < most) {
          const { request, bytes } = own[sent % own.length]!
          sent += 1
          const { status, text } = await socket.ask(bytes)
          const gotMs = performance.now()
          if (status !== 200 || !text.includes(request.expects)) throw new Error(`${request.url} answered: ${text}`)
          timesMs.push(gotMs - sentMs)
          sentMs = gotMs
        }
      }),
    )
  } finally {
    for (const { socket } of sockets) socket.close()
  }
  return { timesMs, perSecond: (timesMs.length * 1000) / (performance.now() - beganMs) }
}

function byServer(requests: readonly LoadRequest[]) {
  const servers = new Map<string, { readonly request: LoadRequest; readonly bytes: Buffer }[]>()
  for (const request of requests) {
    const { host } = new URL(request.url)
    servers.set(host, [...(servers.get(host) ?? []), { request, bytes: bytesOf(request) }])
  }
  return [...servers.values()]
}

function bytesOf({ url, headers, body }: LoadRequest): Buffer {
  const { host, pathname } = new URL(url)
  const all = { host, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`POST ${pathname} HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
}

interface Connection {
  ask(bytes: Buffer): Promise<Answer>
  close(): void
}

interface Answer {
  readonly status: number
  /** Head and body. */
  readonly text: string
}

async function open(url: string): Promise<Connection> {
  const { hostname, port } = new URL(url)
  const socket: Socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port), noDelay: true })
  await once(socket, 'connect')
  let waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | null = null
  let received = ''
  socket.setEncoding('latin1').on('data', (text: string) => {
    received += text
    if (!isWhole(received)) return
    const answer = { status: Number(received.slice(9, 12)), text: received }
    received = ''
    waiting?.resolve(answer)
  })
  socket.on('error', (error) => waiting?.reject(error))
  socket.on('close', () => waiting?.reject(new Error(`${url} closed the connection`)))
  return {
    ask: (bytes) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject }
        socket.write(bytes)
      }),
    close: () => socket.destroy(),
  }
}

function isWhole(received: string): boolean {
  const headEnd = received.indexOf('\r\n\r\n')
  if (headEnd < 0) return false
  const length = /^content-length: *(\d+)/im.exec(received.slice(0, headEnd))
  if (length !== null) return received.length >= headEnd + 4 + Number(length[1])
  return received.endsWith('0\r\n\r\n')
}
