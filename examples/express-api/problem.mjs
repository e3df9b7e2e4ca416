import { STATUS_CODES } from 'node:http'

/** What is wrong with a request, and its HTTP status. */
export class HttpProblem extends Error {
  name = 'HttpProblem'

  constructor(status, message) {
    super(message)
    this.status = status
  }
}

/**
 * Express's error handler: answers with problem details (RFC 9457). What is not the caller's fault is logged with its
 * stack and answered without it.
 */
export function sendProblem(error, _request, response, _next) {
  const status = Number.isInteger(error.status) && error.status >= 400 && error.status < 500 ? error.status : 500
  if (status === 500) console.error(error)
  response
    .status(status)
    .type('application/problem+json')
    .send(JSON.stringify({ title: STATUS_CODES[status], status, detail: status === 500 ? undefined : error.message }))
}
