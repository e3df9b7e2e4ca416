import type { IncomingMessage } from 'node:http'
import type { WebSocket as GraphqlSocket } from 'graphql-ws'
import type { WebSocket } from 'ws'
import type { Principal } from '../../model/records.ts'
import { CLOSE, type CloseReason } from './closeCodes.ts'
import type { WebSocketLimits } from './limits.ts'

/** One open WebSocket. */
export interface Connection {
  readonly request: IncomingMessage
  /** Who has proven who they are on it, and the secret, which is checked again while it lasts; null before. */
  credentials: { readonly principal: Principal; readonly secret: string } | null
  /** What graphql-ws sends and receives through. */
  readonly socket: GraphqlSocket
  /** Tells the peer why and cuts it off where it does not answer in time. */
  close(reason: CloseReason): void
  /** Cuts the peer off. */
  terminate(): void
  /** Resolves when the connection is gone. */
  readonly closed: Promise<void>
}

/** How long the peer may take to answer a close: the close waits behind what it has not read yet. */
const CLOSE_TIMEOUT_MS = 30_000

/** As much may wait for the socket to take it before subscriptions are held back. */
const UNCONFIRMED_BYTES = 16 * 1024

/**
 * Wraps a socket: sends one message after the other as the peer takes them, pings, and closes what neither answers nor
 * drains. `beat` is called before each ping. `onFailure` is told of exceptions while messages are handled.
 */
export function openConnection(
  websocket: WebSocket,
  request: IncomingMessage,
  limits: WebSocketLimits,
  { beat, onFailure }: { beat(connection: Connection): void; onFailure(error: unknown): void },
): Connection {
  const waiting = new Set<{ readonly sinceMs: number }>()
  const { socket } = request
  let waitingBytes = 0
  let isHeld = false
  let isAlive = true

  function close({ code, reason }: CloseReason): void {
    websocket.close(code, reason)
    const timer = setTimeout(() => websocket.terminate(), CLOSE_TIMEOUT_MS).unref()
    websocket.once('close', () => clearTimeout(timer))
  }

  /** What is sent until the event loop comes round leaves in one write: each is a system call, and wakes the peer up. */
  function holdWrites(): void {
    if (isHeld) return
    isHeld = true
    socket.cork()
    setImmediate(() => {
      isHeld = false
      socket.uncork()
    })
  }

  function send(data: string): Promise<void> {
    if (websocket.readyState !== websocket.OPEN) return Promise.resolve()
    const entry = { sinceMs: performance.now() }
    waiting.add(entry)
    waitingBytes += data.length
    const hasRoom = waitingBytes < UNCONFIRMED_BYTES
    holdWrites()
    // Subscriptions are asked for their next event when this resolves: at once as long as little waits, else when the
    // socket has taken it. A socket that fails in between ends its subscriptions by itself.
    return new Promise((resolve) => {
      if (hasRoom) resolve()
      websocket.send(data, () => {
        waiting.delete(entry)
        waitingBytes -= data.length
        resolve()
      })
    })
  }

  const connection: Connection = {
    request,
    credentials: null,
    close,
    terminate: () => websocket.terminate(),
    closed: new Promise((resolve) => websocket.once('close', () => resolve())),
    socket: {
      protocol: websocket.protocol,
      send,
      close: (code, reason) => websocket.close(code, reason),
      onMessage(handle) {
        websocket.on('message', (data) => {
          handle(String(data)).catch((error: unknown) => {
            onFailure(error)
            close(CLOSE.INTERNAL_SERVER_ERROR)
          })
        })
      },
    },
  }

  const keepAlive = setInterval(() => {
    if (!isAlive) return websocket.terminate()
    isAlive = false
    websocket.ping()
    beat(connection)
  }, limits.keepAliveMs)
  const drainCheck = setInterval(() => {
    const [oldest] = waiting
    if (oldest === undefined || performance.now() - oldest.sinceMs < limits.drainMs) return
    clearInterval(drainCheck)
    close(CLOSE.FELL_BEHIND)
  }, limits.drainMs / 10)
  websocket.on('pong', () => {
    isAlive = true
  })
  // Broken frames, messages that are too large: ws closes the socket itself.
  websocket.on('error', () => undefined)
  websocket.once('close', () => {
    clearInterval(keepAlive)
    clearInterval(drainCheck)
  })
  return connection
}
