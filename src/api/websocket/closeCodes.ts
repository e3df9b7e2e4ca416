/** A code of the WebSocket protocol, and what the client is told: at most 123 bytes. */
export interface CloseReason {
  readonly code: number
  readonly reason: string
}

/**
 * Why the service closes a WebSocket, besides what graphql-ws itself closes for. Its client gives up after 4400 and
 * 4401 and connects again after the others.
 */
export const CLOSE = {
  /** The token is unknown, revoked or ended. */
  UNAUTHENTICATED: { code: 4401, reason: 'UNAUTHENTICATED: a valid access token is needed' },
  BAD_REGION: { code: 4400, reason: 'BAD_REGION' },
  TOO_MANY_CONNECTIONS: { code: 4290, reason: 'TOO_MANY_CONNECTIONS: the token has too many connections' },
  /** The subscriber reads too slowly to be kept. */
  FELL_BEHIND: { code: 4291, reason: 'FELL_BEHIND: read too slowly; subscribe again after your last cursor' },
  SERVICE_STOPPING: { code: 1012, reason: 'SERVICE_STOPPING: connect again and resume after your last cursor' },
  INTERNAL_SERVER_ERROR: { code: 4500, reason: 'INTERNAL_SERVER_ERROR' },
} as const satisfies Record<string, CloseReason>
