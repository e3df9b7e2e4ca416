import { formatNanoUsd } from '../../model/price.ts'
import type { DoneCondition } from '../../model/queueTransition.ts'
import { versionName } from '../../model/version.ts'
import { connectionOf, pageRequest, uuidCursors } from '../connection.ts'
import type { Resolvers } from '../generated/resolvers.ts'
import { globalId } from '../globalId.ts'
import { eventConnection, eventCursors } from './eventPages.ts'
import { milliseconds } from './eventTypes.ts'

export const invocationCursors = uuidCursors('invocations')
const deadLetterCursors = uuidCursors('deadLetters')

/** `Invocation`, `Attempt`, and what a `Function` has of them. */
export const invocationTypes: Resolvers = {
  Invocation: {
    id: ({ id }) => globalId('Invocation', id),
    requestId: ({ id }) => id,
    function: ({ functionId }, _request, { loaders }) => loaders.functions.functionById.load(functionId),
    executedVersion: ({ executedVersion }) => (executedVersion === null ? null : versionName(executedVersion)),
    payload: ({ payload }) => jsonOf(payload),
    result: ({ result }) => jsonOf(result),
    condition: ({ condition }) => condition && CONDITIONS[condition],
    deliveries: ({ id }, _request, { loaders }) => loaders.invocations.deliveries.load(id),
    redriveOf: ({ redriveOf }, _request, { loaders }) =>
      redriveOf === null ? null : loaders.invocations.byId.load(redriveOf),
    redrivenAs: ({ redrivenAs }, _request, { loaders }) =>
      redrivenAs === null ? null : loaders.invocations.byId.load(redrivenAs),
    async cost({ id }, _request, { loaders }) {
      const attempts = await loaders.invocations.attempts.load(id)
      return formatNanoUsd(attempts.reduce((sum, { priceNanoUsd }) => sum + (priceNanoUsd ?? 0n), 0n))
    },
    attempts: ({ id }, _request, { loaders }) => loaders.invocations.attempts.load(id),
    async logEvents({ id }, request, { loaders }) {
      const page = pageRequest(request, eventCursors)
      return eventConnection(await loaders.invocations.logOfInvocation.load({ ownerId: id, page }))
    },
  },
  Attempt: {
    executedVersion: ({ versionNumber }) => versionName(versionNumber),
    durationMs: ({ durationUs }) => (durationUs === null ? null : milliseconds(durationUs)),
    billedDurationMs: ({ billedMs }) => billedMs,
    initDurationMs: ({ initDurationUs }) => (initDurationUs === null ? null : milliseconds(initDurationUs)),
    maxMemoryUsedMiB: ({ maxMemoryMiB }) => maxMemoryMiB,
    cost: ({ priceNanoUsd }) => (priceNanoUsd === null ? null : formatNanoUsd(priceNanoUsd)),
  },
  Function: {
    async invocations({ id }, request, { loaders }) {
      const page = pageRequest(request, invocationCursors)
      const invocations = await loaders.invocations.pageOfFunction.load({ ownerId: id, page })
      return connectionOf(invocations, (invocation) => invocationCursors.encode(invocation.id))
    },
    async deadLetters({ id }, request, { loaders }) {
      const page = pageRequest(request, deadLetterCursors)
      const invocations = await loaders.invocations.deadLettersOfFunction.load({ ownerId: id, page })
      return connectionOf(invocations, (invocation) => deadLetterCursors.encode(invocation.id))
    },
    async logEvents({ id }, request, { loaders }) {
      const page = pageRequest(request, eventCursors)
      return eventConnection(await loaders.invocations.logOfFunction.load({ ownerId: id, page }))
    },
  },
}

/** The names of the GraphQL enum `InvocationCondition`. */
const CONDITIONS = {
  Success: 'SUCCESS',
  RetriesExhausted: 'RETRIES_EXHAUSTED',
  EventAgeExceeded: 'EVENT_AGE_EXCEEDED',
  ZeroReservedConcurrency: 'ZERO_RESERVED_CONCURRENCY',
  RecursiveInvocation: 'RECURSIVE_INVOCATION',
  Unresolvable: 'UNRESOLVABLE',
  Cancelled: 'CANCELLED',
} as const satisfies Readonly<Record<DoneCondition, string>>

function jsonOf(text: string | null): unknown {
  return text === null ? null : JSON.parse(text)
}
