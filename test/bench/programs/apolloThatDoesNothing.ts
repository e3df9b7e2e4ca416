import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'

// What Apollo Server costs when a mutation of the same shape as `invoke` has nothing to do.
const typeDefs = `#graphql
  scalar JSON
  input InvokeInput { functionName: String!, payload: JSON }
  type UserError { code: String!, message: String! }
  type InvokePayload { statusCode: Int, payload: JSON, functionError: String, userErrors: [UserError!]! }
  type Mutation { invoke(input: InvokeInput!): InvokePayload! }
  type Query { nothing: Int }
`
const resolvers = {
  Mutation: {
    invoke: (_root: unknown, { input }: { input: { payload: unknown } }) => ({
      statusCode: 200,
      payload: input.payload,
      functionError: null,
      userErrors: [],
    }),
  },
}
const server = new ApolloServer({ typeDefs, resolvers, includeStacktraceInErrorResponses: false })
const { url } = await startStandaloneServer(server, { listen: { host: '127.0.0.1', port: 0 } })
console.log(`listening: ${url} `)
