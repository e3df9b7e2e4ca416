import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Server as Socket } from 'node:net'

/** Answers a request, or returns false where it is not one of its own. */
export type ApiRoutes = (request: IncomingMessage, response: ServerResponse) => boolean

/** Stack traces travel in headers (Lambda-Runtime-Function-XRay-Error-Cause); Node's own limit would answer 431. */
const LARGEST_HEADERS_BYTES = 2 * 1024 * 1024
/** A runtime needs one or two, an extension one; a hostile one makes the service hold the headers of as many as this. */
const MOST_CONNECTIONS = 32

/**
 * The server of one environment's APIs, on a socket that only this environment reaches, which it takes over. What none
 * of the routes takes is answered with 404. A frozen environment keeps its connections for as long as it lives.
 */
export function createApiServer(socket: Socket, routes: readonly ApiRoutes[]): Server {
  const limits = {
    keepAliveTimeout: 0,
    requestTimeout: 0,
    headersTimeout: 0,
    connectionsCheckingInterval: 2 ** 31 - 1,
  }
  const server = createServer({ maxHeaderSize: LARGEST_HEADERS_BYTES, ...limits }, (request, response) => {
    request.on('error', () => undefined)
    response.on('error', () => undefined)
    if (routes.some((serve) => serve(request, response))) return
    request.resume()
    response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('404 page not found\n')
  })
  server.maxConnections = MOST_CONNECTIONS
  server.maxRequestsPerSocket = 0
  server.listen(socket)
  return server
}

/** Ends all connections. */
export function closeApiServer(server: Server): void {
  server.close()
  server.closeAllConnections()
}
