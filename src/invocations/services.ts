import type { Pool } from 'pg'
import { groupBy, pagesBy } from '../model/grouping.ts'
import type { AttemptRecord, InvocationRecord, Page, PageRequest, Scope } from '../model/records.ts'
import { type InvokeAnswer, type InvokeRequest, type InvokeServices, invoke } from './invoke.ts'
import { toAttempt, toInvocation } from './rows.ts'
import { selectAttempts } from './sql/selectAttempts.ts'
import { selectInvocationPages, selectInvocationsById } from './sql/selectInvocations.ts'

/** What the API may do with invocations. */
export interface InvocationServices {
  /** See `invoke`: runs or accepts, and answers when that is durable. */
  invoke(scope: Scope, request: InvokeRequest): Promise<InvokeAnswer>
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

  return {
    invoke(scope, request) {
      const answer = invoke(services, scope, request)
      const ended = answer.catch(() => undefined).finally(() => running.delete(ended))
      running.add(ended)
      return answer
    },
    async byIds(accountId, ids) {
      const valid = ids.filter((id) => UUID.test(id))
      if (valid.length === 0) return ids.map(() => null)
      const { rows } = await database.query({ ...selectInvocationsById, values: [valid, accountId] })
      const found = new Map(rows.map((row) => [row.id as string, toInvocation(row)]))
      return ids.map((id) => found.get(id.toLowerCase()) ?? null)
    },
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
