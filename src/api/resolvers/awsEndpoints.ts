import type { Resolvers } from '../generated/resolvers.ts'
import { mutate } from './mutate.ts'

/** Where the account's queues, topics, buses and buckets are. Secrets are never read. */
export const awsEndpoints: Resolvers = {
  Query: {
    awsEndpoint: (_root, _request, { services, principal }) => services.awsEndpoints.read(principal),
  },
  Mutation: {
    putAwsEndpoint: (_root, { input }, context) =>
      mutate(context, { awsEndpoint: null }, async ({ awsEndpoints }, scope) => ({
        awsEndpoint: await awsEndpoints.put(scope, input),
      })),
    deleteAwsEndpoint: (_root, { input: { region } }, context) =>
      mutate(context, { region: null }, async ({ awsEndpoints }, { accountId }) => {
        await awsEndpoints.delete({ accountId, region })
        return { region }
      }),
  },
}
