import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'

/** What came back of an operation. */
export interface GraphqlResult {
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers as they come
  readonly data?: any
  readonly errors?: readonly { readonly message: string; readonly path?: unknown; readonly extensions: Extensions }[]
}

interface Extensions {
  readonly code: string
  readonly [name: string]: unknown
}

type Variables = Readonly<Record<string, unknown>>

/** Talks to a running service as its users do. */
export interface GraphqlClient {
  /** Runs a query or a mutation over HTTP. */
  query(document: string, variables?: Variables): Promise<GraphqlResult>
  /** Opens a subscription over the client's one WebSocket. Leaving the loop ends it. */
  subscribe(document: string, variables?: Variables): AsyncIterableIterator<GraphqlResult>
  /** Closes the WebSocket. */
  close(): Promise<void>
}

/** A client for the service at `url`, such as `http://127.0.0.1:4000`. */
export function graphqlClient(url: string, token: string, region?: string): GraphqlClient {
  const regionHeader = region === undefined ? {} : { 'x-lambdaql-region': region }
  const sockets = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { token, ...regionHeader },
    retryAttempts: 0,
  })
  return {
    async query(query, variables = {}) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...regionHeader },
        body: JSON.stringify({ query, variables }),
      })
      return (await response.json()) as GraphqlResult
    },
    subscribe: (query, variables = {}) =>
      sockets.iterate({ query, variables }) as unknown as AsyncIterableIterator<GraphqlResult>,
    close: async () => sockets.dispose(),
  }
}
