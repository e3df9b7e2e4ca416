/** The `code` of an error of Node (`ENOENT`) or PostgreSQL (`42P01`); null where there is none. */
export function errorCode(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null
  return typeof error.code === 'string' ? error.code : null
}

/**
 * Whether a statement failed because there was no (more) connection: the server was restarting, stopping or out of
 * reach. Whether the statement took effect is then unknown, unless connecting itself failed.
 */
export function isConnectionFailure(error: unknown): boolean {
  const code = errorCode(error)
  if (code !== null) return CONNECTION_CODES.has(code) || /^(08...|57P0[123])$/.test(code)
  return error instanceof Error && /Connection terminated|timeout exceeded when trying to connect/.test(error.message)
}

const CONNECTION_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH'])
