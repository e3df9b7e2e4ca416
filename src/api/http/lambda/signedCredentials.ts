import type { IncomingHttpHeaders } from 'node:http'
import type { AccessTokens } from '../../../access/tokens.ts'
import type { Principal } from '../../../model/records.ts'
import { bearer, REGION_HEADER } from '../credentials.ts'

/** What a SigV4 header says of who signed it. */
export interface SignedCredential {
  readonly accessKeyId: string
  readonly region: string
}

/**
 * The access key and the region in an `Authorization: AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request`
 * header, or null for any other.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html
 */
export function signedCredential(authorization: string | undefined): SignedCredential | null {
  const match = /^AWS4-HMAC-SHA256 .*?\bCredential=([^/,\s]+)\/\d{8}\/([^/,\s]+)\/[^/,\s]+\/aws4_request\b/.exec(
    authorization ?? '',
  )
  return match === null ? null : { accessKeyId: match[1]!, region: match[2]! }
}

/**
 * Who sends a request to AWS's API: by SigV4, whose access key id is an access token and whose region is that of the
 * request, or by `Authorization: Bearer`. Never by a cookie: what a browser sends by itself does not count here. Null
 * without a valid token; throws a UserFault for a malformed region.
 *
 * The signature is not checked. In AWS the access key id is public and the signature proves that its sender knows the
 * secret that belongs to it. Here the access key id _is_ the secret, as in a bearer token: who can send it knows it, and
 * only its hash is stored, so that there is nothing to check a signature against.
 */
export async function authenticateCaller(
  access: AccessTokens,
  headers: IncomingHttpHeaders,
): Promise<Principal | null> {
  const signed = signedCredential(headers.authorization)
  if (signed !== null) return access.authenticate(signed.accessKeyId, signed.region)
  const secret = bearer(headers.authorization)
  if (secret === null) return null
  const region = headers[REGION_HEADER]
  return access.authenticate(secret, typeof region === 'string' && region !== '' ? region : null)
}
