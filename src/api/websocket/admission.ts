import { UserFault } from '../../errors.ts'
import { readTokenCookie } from '../http/cookies.ts'
import { bearer, REGION_HEADER } from '../http/credentials.ts'
import type { Services } from '../services.ts'
import { CLOSE, type CloseReason } from './closeCodes.ts'
import type { Connection } from './connection.ts'
import type { WebSocketLimits } from './limits.ts'

/** Parameters that a client sends when it opens a connection. */
export type ConnectionParams = Readonly<Record<string, unknown>>

/** Decides who may keep a connection. */
export interface Admission {
  /** Names the connection's principal, or says why it must be closed. */
  admit(connection: Connection, params: ConnectionParams): Promise<CloseReason | null>
  /** Closes a connection whose token has been revoked or has ended since. */
  recheck(connection: Connection): Promise<void>
}

/** `connections` are the open ones, of which each token may have so many. */
export function createAdmission(
  { access }: Services,
  connections: ReadonlySet<Connection>,
  limits: WebSocketLimits,
): Admission {
  return {
    async admit(connection, params) {
      const secret = secretOf(connection, params)
      if (secret === null) return CLOSE.UNAUTHENTICATED
      try {
        const principal = await access.authenticate(secret, regionOf(params))
        if (principal === null) return CLOSE.UNAUTHENTICATED
        if (countOf(connections, principal.tokenId) >= limits.connectionsPerToken) return CLOSE.TOO_MANY_CONNECTIONS
        connection.credentials = { principal, secret }
        return null
      } catch (fault) {
        if (fault instanceof UserFault) return { code: CLOSE.BAD_REGION.code, reason: fault.message }
        throw fault
      }
    },
    async recheck(connection) {
      if (connection.credentials === null) return
      const { principal, secret } = connection.credentials
      if ((await access.authenticate(secret, principal.region)) === null) connection.close(CLOSE.UNAUTHENTICATED)
    },
  }
}

/** From `token`, from `authorization`, or else from the cookie: the page is this service's own, or there is none. */
function secretOf({ request }: Connection, { token, authorization, Authorization }: ConnectionParams): string | null {
  if (typeof token === 'string') return token
  const header = authorization ?? Authorization
  return typeof header === 'string' ? bearer(header) : readTokenCookie(request.headers.cookie)
}

function regionOf(params: ConnectionParams): string | null {
  const region = params[REGION_HEADER] ?? params['region']
  return typeof region === 'string' && region !== '' ? region : null
}

function countOf(connections: ReadonlySet<Connection>, tokenId: string): number {
  let count = 0
  for (const { credentials } of connections) if (credentials?.principal.tokenId === tokenId) count += 1
  return count
}
