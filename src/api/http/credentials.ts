import type { IncomingHttpHeaders } from 'node:http'
import type { AccessTokens } from '../../access/tokens.ts'
import type { Principal } from '../../model/records.ts'
import { readTokenCookie } from './cookies.ts'
import { isOwnOrigin } from './hostCheck.ts'

/** What callers without a valid token are told. */
export const UNAUTHENTICATED =
  'A valid access token is needed, as "Authorization: Bearer lql_...": the service prints a link with one when it ' +
  'starts, and "npm run token -- create" makes another.'

/** Header that names the region of a request. */
export const REGION_HEADER = 'x-lambdaql-region'

/**
 * Who sends a request: by `Authorization: Bearer`, or by the browser's cookie where the request comes from a page of
 * this service. Null without a valid token. Throws a UserFault for a malformed region.
 */
export async function authenticateRequest(
  access: AccessTokens,
  headers: IncomingHttpHeaders,
): Promise<Principal | null> {
  const secret = bearer(headers.authorization) ?? (isOwnOrigin(headers) ? readTokenCookie(headers.cookie) : null)
  if (secret === null) return null
  const region = headers[REGION_HEADER]
  return access.authenticate(secret, typeof region === 'string' && region !== '' ? region : null)
}

/** The secret in the value of an `Authorization` header, or null. */
export function bearer(authorization: string | undefined): string | null {
  return /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1] ?? null
}
