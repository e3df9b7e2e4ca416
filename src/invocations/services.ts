import type { Pool } from 'pg'
import { UserFault } from '../errors.ts'
import { groupBy, pagesBy } from '../model/grouping.ts'
import type { AttemptRecord, InvocationRecord, Page, PageRequest, Scope } from '../model/records.ts'
import { cancelInvocation } from './cancelInvocation.ts'
import { type InvokeAnswer, type InvokeRequest, type InvokeServices, invoke } from './invoke.ts'
import { toAttempt, toInvocation } from './rows.ts'
import { selectAttempts } from './sql/selectAttempts.ts'
import { selectInvocationPages, selectInvocationsById } from './sql/selectInvocations.ts'

/** What the API may do with invocations. */
export interface InvocationServices {
  /** See `invoke`: runs or accepts, and answers when that is durable. */
  invoke(scope: Scope, request: InvokeRequest): Promise<InvokeAnswer>
  /**
   * Cancels an invocation of the account that waits, and gives it as it is then. RESOURCE_NOT_FOUND where there is none,
   * RESOURCE_CONFLICT where it runs or is done.
   */
  cancel(accountId: string, requestId: string): Promise<InvocationRecord>
  /** The account's invocations by their request ids, in the same order; null where there is none. */
  byIds(accountId: string, ids: readonly string[]): Promise<(InvocationRecord | null)[]>
  /** The same page of the invocations of several functions, newest first; the key is the request id. */
  ofFunctions(
    accountId: string,
    functionIds: readonly string[],
    page: PageRequest<string>,
  ): Promise<ReadonlyMap<string, Page<InvocationRecord>>>
  /** The attempts of invocations, in the order of the ids and of their numbers. */
  attemptsOf(ids: readonly string[]): Promise<AttemptRecord[][]>
  /** How many synchronous invocations are running on this node. */
  running(): number
  /** Resolves when no synchronous invocation runs any more. */
  settled(): Promise<void>
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

export function createInvocationServices(database: Pool, services: InvokeServices): InvocationServices {
  const running = new Set<Promise<unknown>>()

  async function byIds(accountId: string, ids: readonly string[]): Promise<(InvocationRecord | null)[]> {
    const valid = ids.filter((id) => UUID.test(id))
    if (valid.length === 0) return ids.map(() => null)
    const { rows } = await database.query({ ...selectInvocationsById, values: [valid, accountId] })
    const found = new Map(rows.map((row) => [row.id as string, toInvocation(row)]))
    return ids.map((id) => found.get(id.toLowerCase()) ?? null)
  }

  return {
    invoke(scope, request) {
      const answer = invoke(services, scope, request)
      const ended = answer.catch(() => undefined).finally(() => running.delete(ended))
      running.add(ended)
      return answer
    },
    async cancel(accountId, requestId) {
      const [invocation] = await byIds(accountId, [requestId])
      if (!invocation) throw invocationNotFound(requestId, ['input', 'requestId'])
      await cancelInvocation(services.journal, services.clock, invocation)
      const [cancelled] = await byIds(accountId, [requestId])
      return cancelled!
    },
    byIds,
    async ofFunctions(accountId, functionIds, { first, after }) {
      const { rows } = await database.query({
        ...selectInvocationPages,
        values: [functionIds, accountId, after ?? LAST_ID, first + 1],
      })
      return pagesBy(rows.map(toInvocation), ({ functionId }) => functionId, first)
    },
    async attemptsOf(ids) {
      const { rows } = await database.query({ ...selectAttempts, values: [ids] })
      const attempts = groupBy(rows.map(toAttempt), ({ invocationId }) => invocationId)
      return ids.map((id) => attempts.get(id) ?? [])
    },
    running: () => running.size,
    async settled() {
      while (running.size > 0) await Promise.all(running)
    },
  }
}

function invocationNotFound(requestId: string, field: readonly string[]): UserFault {
  return new UserFault('RESOURCE_NOT_FOUND', `Invocation not found: ${requestId}`, field)
}
