import type { InvocationRecord } from '../../model/records.ts'
import type { Context } from '../context.ts'
import type { Resolvers } from '../generated/resolvers.ts'
import { mutate } from './mutate.ts'

/** What can be done with the events that failed for good. */
export const deadLetters: Resolvers = {
  Mutation: {
    redriveInvocations: (_root, { input }, context) =>
      mutate(context, { invocations: null }, async ({ invocations }, scope) => {
        const { functionName, requestIds, maximum } = input
        const request = { functionName, requestIds: requestIds ?? null, maximum: maximum ?? 100 }
        return { invocations: await invocationsOf(context, await invocations.redrive(scope, request)) }
      }),
    discardDeadLetters: (_root, { input }, context) =>
      mutate(context, { invocations: null }, async ({ invocations }, scope) => {
        const { functionName, requestIds, maximum } = input
        const request = { functionName, requestIds: requestIds ?? null, maximum: maximum ?? 100 }
        return { invocations: await invocationsOf(context, await invocations.discard(scope, request)) }
      }),
  },
}

async function invocationsOf({ loaders }: Context, ids: readonly string[]): Promise<InvocationRecord[]> {
  const found = await loaders.invocations.byId.loadMany(ids)
  return found.filter((invocation): invocation is InvocationRecord => invocation !== null && 'id' in invocation)
}
