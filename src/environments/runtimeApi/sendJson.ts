import type { ServerResponse } from 'node:http'

/** Answers a request with JSON. */
export function sendJson(
  response: ServerResponse,
  status: number,
  content: Readonly<Record<string, string>> | string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = `${JSON.stringify(content)}\n`
  response
    .writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body), ...headers })
    .end(body)
}
