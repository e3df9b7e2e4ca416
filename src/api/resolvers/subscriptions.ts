import { UserFault } from '../../errors.ts'
import type {
  InvocationEventRecord,
  LedgerEntryRecord,
  LogEventBatchRecord,
  LogEventRecord,
  ThrottleEventRecord,
} from '../../model/eventRecords.ts'
import { BEGINNING, decodeCursor, type Position } from '../../model/position.ts'
import type { Context } from '../context.ts'
import type { Resolvers } from '../generated/resolvers.ts'

/** What can be watched. Each field's events are the same records that the connections have. */
export const subscriptions: Resolvers = {
  Subscription: {
    logTail: {
      subscribe: async (_root, { functionName, after }, context) =>
        (await functionLog(context, functionName)).follow(positionOf(after)),
      resolve: (event: LogEventRecord) => event,
    },
    logTailBatches: {
      subscribe: async (_root, { functionName, after }, context) =>
        (await functionLog(context, functionName)).followBatches(positionOf(after)),
      resolve: (events: LogEventBatchRecord) => events,
    },
    invocationEvents: {
      async subscribe(_root, { invocationId, after }, { services, principal }) {
        const [invocation] = await services.invocations.byIds(principal.accountId, [invocationId])
        if (!invocation)
          throw new UserFault('RESOURCE_NOT_FOUND', `Invocation not found: ${invocationId}`, ['invocationId'])
        return untilDone(services.events.invocationEvents(invocation.id).follow(positionOf(after) ?? BEGINNING))
      },
      resolve: (event: InvocationEventRecord) => event,
    },
    billingEvents: {
      subscribe: (_root, { after }, { services, principal }) =>
        services.events.ledger(principal).follow(positionOf(after)),
      resolve: (event: LedgerEntryRecord) => event,
    },
    throttleEvents: {
      subscribe: (_root, { after }, { services, principal }) =>
        services.events.throttles(principal).follow(positionOf(after)),
      resolve: (event: ThrottleEventRecord) => event,
    },
  },
}

async function functionLog({ services, principal }: Context, functionName: string) {
  const found = await services.functions.getFunction(principal, functionName)
  if (found !== null) return services.events.functionLog(found.id)
  throw new UserFault('RESOURCE_NOT_FOUND', `Function not found: ${functionName}`, ['functionName'])
}

/** Null where no cursor was given: from now on. */
export function positionOf(after: string | null | undefined): Position | null {
  if (after == null) return null
  const position = decodeCursor(after)
  if (position !== null) return position
  throw new UserFault(
    'INVALID_PARAMETER_VALUE',
    'The cursor is not one of an event. Please pass the cursor of one, or "".',
    ['after'],
  )
}

const LAST_TYPES: ReadonlySet<string> = new Set(['SUCCEEDED', 'FAILED', 'CANCELLED'])

/** Passes the events of an invocation on and completes with the last one that there can be. */
function untilDone<Event extends { readonly type: string }>(
  events: AsyncIterableIterator<Event>,
): AsyncIterableIterator<Event> {
  let isDone = false
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    async next() {
      if (isDone) return { done: true, value: undefined }
      const result = await events.next()
      if (!result.done && LAST_TYPES.has(result.value.type)) {
        isDone = true
        await events.return?.()
      }
      return result
    },
    async return() {
      isDone = true
      await events.return?.()
      return { done: true, value: undefined }
    },
  }
}
