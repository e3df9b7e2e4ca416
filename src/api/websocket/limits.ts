/** The bounds of WebSocket connections. */
export const WEBSOCKET_LIMITS = {
  /** Open connections of one token. */
  connectionsPerToken: 50,
  /** Operations of one connection at a time. */
  operationsPerConnection: 100,
  /** Largest message that is taken; it holds an invocation's 6 MiB with escapes. */
  messageBytes: 16 * 1024 * 1024,
  /** From the opening to `connection_init`. */
  initTimeoutMs: 5_000,
  /** Between two pings; a socket that has not answered one by the next is cut off. */
  keepAliveMs: 12_000,
  /** How long a message may wait for the socket to take it. */
  drainMs: 30_000,
} as const

/** The bounds, which tests make smaller. */
export type WebSocketLimits = { readonly [Name in keyof typeof WEBSOCKET_LIMITS]: number }
