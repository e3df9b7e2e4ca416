import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { isOwnHost, isOwnOrigin } from '../http/hostCheck.ts'

/** Hands on the upgrades of `/graphql` that come from this service's own pages or from no page, and refuses others. */
export function acceptUpgrades(
  server: Server,
  listenHost: string,
  accept: (request: IncomingMessage, socket: Duplex, head: Buffer) => void,
): void {
  server.on('upgrade', (request, socket, head) => {
    if (request.url?.split('?', 1)[0] !== '/graphql') return refuse(socket, 404)
    if (!isOwnHost(listenHost, request.headers)) return refuse(socket, 421)
    // Without this, any web page could open a connection that carries the browser's cookie.
    if (!isOwnOrigin(request.headers)) return refuse(socket, 403)
    accept(request, socket, head)
  })
}

function refuse(socket: Duplex, status: number): void {
  socket.on('error', () => undefined)
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
