import { connectionOf, nameCursors, pageRequest } from '../connection.ts'
import type { Resolvers } from '../generated/resolvers.ts'

const functionCursors = nameCursors('functions')

/** `Query.function` and `Query.functions`. */
export const functionQueries: Resolvers = {
  Query: {
    function: (_root, { functionName }, { services, principal }) =>
      services.functions.getFunction(principal, functionName),
    async functions(_root, request, { services, principal }) {
      const page = await services.functions.listFunctions(principal, pageRequest(request, functionCursors))
      return connectionOf(page, ({ name }) => functionCursors.encode(name))
    },
  },
}
