import { join } from 'node:path'
import { fastify } from 'fastify'
import type { Config } from '../config.ts'
import { INSTALLATION_FOLDER } from '../installation.ts'
import type { Log } from '../log.ts'
import { createApollo } from './graphql/apollo.ts'
import { createOperationGuard } from './graphql/operationGuard.ts'
import { BODY_LIMIT_BYTES } from './http/awsError.ts'
import { codePackageRoute } from './http/codePackageRoute.ts'
import { consoleRoutes } from './http/consoleRoutes.ts'
import { answerFailures } from './http/failures.ts'
import { graphqlRoute } from './http/graphqlRoute.ts'
import { isOwnHost } from './http/hostCheck.ts'
import { LONGEST_PATH_PARAMETER, lambdaRoutes } from './http/lambda/lambdaRoutes.ts'
import { signInRoutes } from './http/signInRoutes.ts'
import { createSchema } from './schema.ts'
import type { Services } from './services.ts'
import { WEBSOCKET_LIMITS, type WebSocketLimits } from './websocket/limits.ts'
import { serveWebSockets } from './websocket/websocketServer.ts'

/** What the API needs of the service. */
export interface ApiParts {
  readonly services: Services
  readonly config: Pick<Config, 'host' | 'port'>
  readonly log: Log
  /** The bounds of WebSockets, where they are not the usual ones. */
  readonly webSocketLimits?: WebSocketLimits
}

/** The API over HTTP and WebSockets, and the console. */
export interface ApiServer {
  /** Listens; rejects with Node's error where that is not possible. */
  listen(): Promise<{ readonly url: string }>
  /** Takes no more requests, lets those that run end until `deadline` aborts, and cuts the rest off. */
  close(deadline: AbortSignal): Promise<void>
}

const IDLE_SWEEP_MS = 50

const CONSOLE_FOLDER = join(INSTALLATION_FOLDER, 'dist/console')

export function createApiServer({ services, config, log, webSocketLimits = WEBSOCKET_LIMITS }: ApiParts): ApiServer {
  const schema = createSchema()
  const guard = createOperationGuard(schema)
  const apollo = createApollo(schema, guard, log)
  const server = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    // An event of a function may have any property, also one that is named "__proto__"; it stays plain data.
    onProtoPoisoning: 'ignore',
    onConstructorPoisoning: 'ignore',
    // An invocation may take 15 minutes.
    requestTimeout: 0,
    routerOptions: { maxParamLength: LONGEST_PATH_PARAMETER },
    logger: false,
  })
  server.addHook('onRequest', async (request, reply) => {
    if (isOwnHost(config.host, request.headers)) return
    await reply.code(421).send({ message: 'This service is not called by that name. Please use localhost.' })
  })
  answerFailures(server, log)
  server.get('/healthz', async () => ({ status: 'ok' }))
  graphqlRoute(server, apollo, services)
  codePackageRoute(server, services, log)
  lambdaRoutes(server, services, log)
  signInRoutes(server, services.access)
  consoleRoutes(server, services.access, CONSOLE_FOLDER)
  const webSockets = serveWebSockets({
    server: server.server,
    schema,
    guard,
    services,
    listenHost: config.host,
    limits: webSocketLimits,
    log,
  })

  return {
    async listen() {
      await apollo.start()
      await server.listen({ host: config.host, port: config.port })
      return { url: urlOf(config.host, server.server.address()) }
    },
    async close(deadline) {
      const cutOff = () => server.server.closeAllConnections()
      const closed = server.close()
      // A connection whose request has just been answered is idle, and would be kept for the client's next one.
      const sweep = setInterval(() => server.server.closeIdleConnections(), IDLE_SWEEP_MS)
      await webSockets.close(deadline)
      if (deadline.aborted) cutOff()
      else deadline.addEventListener('abort', cutOff, { once: true })
      await closed
      clearInterval(sweep)
      deadline.removeEventListener('abort', cutOff)
      await apollo.stop()
    },
  }
}

type Address = ReturnType<ReturnType<typeof fastify>['server']['address']>

/** Where the service is reached on this machine, also when it listens on all of its addresses. */
function urlOf(host: string, address: Address): string {
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port')
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${address.port}`
}
