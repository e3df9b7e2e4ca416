import type { Pool } from 'pg'
import { UserFault } from '../errors.ts'
import type { AttemptRecord, DeliveryRecord, InvocationRecord, Page, PageRequest, Scope } from '../model/records.ts'
import { acceptBatch, type BatchRequest } from './acceptBatch.ts'
import { cancelInvocation } from './cancelInvocation.ts'
import type { InvocationFilter } from './invocationFilter.ts'
import { createInvocationReads } from './invocationReads.ts'
import { type InvokeAnswer, type InvokeRequest, type InvokeServices, invoke } from './invoke.ts'
import { type DeadLetterRequest, discardDeadLetters, redriveInvocations } from './redrive.ts'

/** What the API may do with invocations. */
export interface InvocationServices {
  /** See `invoke`: runs or accepts, and answers when that is durable. */
  invoke(scope: Scope, request: InvokeRequest): Promise<InvokeAnswer>
  /** See `acceptBatch`: accepts events together and answers with their request ids when they are durable. */
  acceptBatch(scope: Scope, request: BatchRequest): Promise<string[]>
  /**
   * Cancels an invocation of the account that waits, and gives it as it is then. RESOURCE_NOT_FOUND where there is none,
   * RESOURCE_CONFLICT where it runs or is done.
   */
  cancel(accountId: string, requestId: string): Promise<InvocationRecord>
  /** See `redriveInvocations`. */
  redrive(scope: Scope, request: DeadLetterRequest): Promise<string[]>
  /** See `discardDeadLetters`. */
  discard(scope: Scope, request: DeadLetterRequest): Promise<string[]>
  /** A page of the invocations that a filter lets through, newest first; the key is the request id. */
  list(scope: Scope, filter: InvocationFilter, page: PageRequest<string>): Promise<Page<InvocationRecord>>
  /** The account's invocations by their request ids, in the same order; null where there is none. */
  byIds(accountId: string, ids: readonly string[]): Promise<(InvocationRecord | null)[]>
  /** The same page of the invocations of several functions, newest first; the key is the request id. */
  ofFunctions(
    accountId: string,
    functionIds: readonly string[],
    page: PageRequest<string>,
  ): Promise<ReadonlyMap<string, Page<InvocationRecord>>>
  /** The same page of the dead letters of several functions, oldest first; the key is the request id. */
  deadLettersOf(
    accountId: string,
    functionIds: readonly string[],
    page: PageRequest<string>,
  ): Promise<ReadonlyMap<string, Page<InvocationRecord>>>
  /** What was or is to be sent to the destinations of invocations, in the order of the ids; at most two of each. */
  deliveriesOf(ids: readonly string[]): Promise<DeliveryRecord[][]>
  /** The attempts of invocations, in the order of the ids and of their numbers. */
  attemptsOf(ids: readonly string[]): Promise<AttemptRecord[][]>
  /** How many synchronous invocations are running on this node. */
  running(): number
  /** Resolves when no synchronous invocation runs any more. */
  settled(): Promise<void>
}

export function createInvocationServices(database: Pool, services: InvokeServices): InvocationServices {
  const running = new Set<Promise<unknown>>()
  const reads = createInvocationReads(database)

  return {
    invoke(scope, request) {
      const answer = invoke(services, database, scope, request)
      const ended = answer.catch(() => undefined).finally(() => running.delete(ended))
      running.add(ended)
      return answer
    },
    acceptBatch: (scope, request) => acceptBatch(services, scope, request),
    async cancel(accountId, requestId) {
      const [invocation] = await reads.byIds(accountId, [requestId])
      if (!invocation) throw invocationNotFound(requestId, ['input', 'requestId'])
      await cancelInvocation(services.journal, services.clock, invocation)
      const [cancelled] = await reads.byIds(accountId, [requestId])
      return cancelled!
    },
    redrive: (scope, request) => redriveInvocations(services, database, scope, request),
    discard: (scope, request) => discardDeadLetters(services, database, scope, request),
    ...reads,
    running: () => running.size,
    async settled() {
      while (running.size > 0) await Promise.all(running)
    },
  }
}

function invocationNotFound(requestId: string, field: readonly string[]): UserFault {
  return new UserFault('RESOURCE_NOT_FOUND', `Invocation not found: ${requestId}`, field)
}
