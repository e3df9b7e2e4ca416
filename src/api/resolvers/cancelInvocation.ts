import type { Resolvers } from '../generated/resolvers.ts'
import { mutate } from './mutate.ts'

/** `Mutation.cancelInvocation`. */
export const cancelInvocation: Resolvers = {
  Mutation: {
    cancelInvocation: (_root, { input }, context) =>
      mutate(context, { invocation: null }, async ({ invocations }, { accountId }) => ({
        invocation: await invocations.cancel(accountId, input.requestId),
      })),
  },
}
