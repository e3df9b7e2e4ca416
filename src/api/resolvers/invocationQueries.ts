import type { Resolvers } from '../generated/resolvers.ts'

/** `Query.invocation`. */
export const invocationQueries: Resolvers = {
  Query: {
    invocation: (_root, { requestId }, { loaders }) => loaders.invocations.byId.load(requestId),
  },
}
