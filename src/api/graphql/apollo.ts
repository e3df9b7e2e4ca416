import { ApolloServer, type ApolloServerPlugin } from '@apollo/server'
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled'
import { GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from 'graphql'
import { UserFault } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { Context } from '../context.ts'
import { OPERATION_LIMITS, type OperationGuard } from './operationGuard.ts'
import { publicError, requestError } from './publicError.ts'

const SUBSCRIPTION = 'Subscriptions run over WebSockets, at the same address, in the protocol graphql-transport-ws.'
const BAD_REQUEST = { code: 'BAD_REQUEST', http: { status: 400 } }

/** Apollo Server over the schema: with limits, without a landing page, and with masked errors. */
export function createApollo(schema: GraphQLSchema, guard: OperationGuard, log: Log): ApolloServer<Context> {
  // Apollo formats errors without telling of which request; what the plugin has made of them is looked up here.
  const published = new WeakMap<object, GraphQLFormattedError>()

  const plugin: ApolloServerPlugin<Context> = {
    async requestDidStart() {
      return {
        async didResolveOperation({ document, operation, request, contextValue }) {
          if (operation === undefined) return
          if (operation.operation === 'subscription') throw new GraphQLError(SUBSCRIPTION, { extensions: BAD_REQUEST })
          const variables = request.variables ?? {}
          try {
            guard({ document, operation, variables, role: contextValue.principal.role })
          } catch (fault) {
            throw fault instanceof UserFault ? requestError(fault) : fault
          }
        },
        async didEncounterErrors({ errors, contextValue }) {
          for (const error of errors) published.set(error, publicError(error, contextValue.requestId, log))
        },
      }
    },
  }

  return new ApolloServer<Context>({
    schema,
    plugins: [plugin, ApolloServerPluginLandingPageDisabled()],
    // Everything needs a token anyway, and the console and other tools read the schema.
    introspection: true,
    includeStacktraceInErrorResponses: false,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: OPERATION_LIMITS.tokens },
    formatError: (formatted, error) => published.get(error as GraphQLError) ?? formatted,
    logger: { debug: () => undefined, info: () => undefined, warn: log.warn, error: log.error },
  })
}
