import type { Server } from 'node:http'
import { execute, GraphQLError, type GraphQLSchema } from 'graphql'
import { handleProtocols, makeServer } from 'graphql-ws'
import { WebSocketServer } from 'ws'
import type { Log } from '../../log.ts'
import type { OperationGuard } from '../graphql/operationGuard.ts'
import { publicError } from '../graphql/publicError.ts'
import { createContext } from '../http/graphqlRoute.ts'
import type { Services } from '../services.ts'
import { createAdmission } from './admission.ts'
import { CLOSE } from './closeCodes.ts'
import { type Connection, openConnection } from './connection.ts'
import type { WebSocketLimits } from './limits.ts'
import { prepareOperation } from './prepareOperation.ts'
import { createSharedSubscribe } from './sharedSubscribe.ts'
import { acceptUpgrades } from './upgrade.ts'

/** How long clients may take to say goodbye when the service stops. */
const GOODBYE_MS = 1_000

/** GraphQL over WebSockets, on `/graphql`, in the protocol `graphql-transport-ws`. */
export interface GraphqlWebSockets {
  /** Takes no new operations, waits for queries and mutations until `deadline`, and closes all connections. */
  close(deadline: AbortSignal): Promise<void>
}

export interface WebSocketParts {
  readonly server: Server
  readonly schema: GraphQLSchema
  readonly guard: OperationGuard
  readonly services: Services
  /** Address that the server listens on. */
  readonly listenHost: string
  readonly limits: WebSocketLimits
  readonly log: Log
}

export function serveWebSockets(parts: WebSocketParts): GraphqlWebSockets {
  const { server, schema, guard, services, limits, log } = parts
  const sockets = new WebSocketServer({ noServer: true, maxPayload: limits.messageBytes, handleProtocols })
  const connections = new Set<Connection>()
  const admission = createAdmission(services, connections, limits)
  const running = new Set<Promise<unknown>>()
  // By the payload of its message, which is all that graphql-ws's hooks have of an operation.
  const requestIds = new WeakMap<object, string>()
  const published = (payload: object, errors: readonly GraphQLError[]) =>
    errors.map((error) => publicError(error, requestIds.get(payload) ?? '', log))
  let isClosing = false

  const graphql = makeServer<Record<string, unknown>, Connection>({
    connectionInitWaitTimeout: limits.initTimeoutMs,
    async onConnect({ extra: connection, connectionParams }) {
      const reason = await admission.admit(connection, connectionParams ?? {})
      // Nothing is sent on a socket that is being closed: its client never sees that it was let in.
      if (reason !== null) connection.close(reason)
      return true
    },
    onSubscribe({ extra: { credentials }, subscriptions }, _id, payload) {
      if (credentials === null || isClosing) return [new GraphQLError(CLOSE.SERVICE_STOPPING.reason)]
      const context = createContext(services, credentials.principal)
      requestIds.set(payload, context.requestId)
      const most = limits.operationsPerConnection
      if (Object.keys(subscriptions).length <= most) return prepareOperation(schema, guard, payload, context)
      const extensions = { code: 'TOO_MANY_OPERATIONS' }
      return [new GraphQLError(`A connection runs ${most} operations at a time; open another one.`, { extensions })]
    },
    execute(args) {
      const result = Promise.resolve(execute(args))
      const ended = result.catch(() => undefined).finally(() => running.delete(ended))
      running.add(ended)
      return result
    },
    subscribe: createSharedSubscribe(),
    onError: (_context, _id, payload, errors) => published(payload, errors),
    onNext(_context, _id, payload, _args, { data, errors }) {
      if (errors === undefined) return undefined
      return { ...(data !== undefined && { data }), errors: published(payload, errors) }
    },
  })

  sockets.on('connection', (websocket, request) => {
    const connection = openConnection(websocket, request, limits, {
      onFailure: (error) => log.error(error),
      beat: (opened) => admission.recheck(opened).catch((error: unknown) => log.error(error)),
    })
    connections.add(connection)
    const ended = graphql.opened(connection.socket, connection)
    websocket.once('close', (code, reason) => {
      connections.delete(connection)
      ended(code, String(reason)).catch((error: unknown) => log.error(error))
    })
  })

  acceptUpgrades(server, parts.listenHost, (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (websocket) => sockets.emit('connection', websocket, request)),
  )
  const revocations = services.access.onRevoked((tokenId) => {
    for (const connection of connections)
      if (connection.credentials?.principal.tokenId === tokenId) connection.close(CLOSE.UNAUTHENTICATED)
  })

  function terminateAll(): void {
    for (const connection of connections) connection.terminate()
  }

  return {
    async close(deadline) {
      isClosing = true
      revocations[Symbol.dispose]()
      await Promise.race([settled(running), aborted(deadline)])
      for (const connection of connections) connection.close(CLOSE.SERVICE_STOPPING)
      const patience = setTimeout(() => terminateAll(), GOODBYE_MS)
      while (connections.size > 0) await Promise.race([...connections].map(({ closed }) => closed))
      clearTimeout(patience)
      sockets.close()
    },
  }
}

async function settled(running: ReadonlySet<Promise<unknown>>): Promise<void> {
  while (running.size > 0) await Promise.all(running)
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
