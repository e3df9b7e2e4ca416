import type { Pool } from 'pg'
import { groupBy, pagesBy } from '../model/grouping.ts'
import type { DeliveryRecord, InvocationRecord, PageRequest } from '../model/records.ts'
import { toAttempt, toDelivery, toInvocation } from './rows.ts'
import type { InvocationServices } from './services.ts'
import { selectAttempts } from './sql/selectAttempts.ts'
import { selectDeadLetterPages } from './sql/selectDeadLetterPages.ts'
import { selectDeliveries } from './sql/selectDeliveries.ts'
import { selectFilteredInvocations } from './sql/selectFilteredInvocations.ts'
import { selectInvocationPages, selectInvocationsById } from './sql/selectInvocations.ts'

type Reads = Pick<
  InvocationServices,
  'byIds' | 'list' | 'ofFunctions' | 'deadLettersOf' | 'attemptsOf' | 'deliveriesOf'
>

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const FIRST_ID = '00000000-0000-0000-0000-000000000000'
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

/** Everything that reads invocations and changes nothing. */
export function createInvocationReads(database: Pool): Reads {
  return {
    async byIds(accountId, ids) {
      const valid = ids.filter((id) => UUID.test(id))
      if (valid.length === 0) return ids.map(() => null)
      const { rows } = await database.query({ ...selectInvocationsById, values: [valid, accountId] })
      const found = new Map(rows.map((row) => [row.id as string, toInvocation(row)]))
      return ids.map((id) => found.get(id.toLowerCase()) ?? null)
    },
    async list(scope, filter, { first, after }) {
      const { rows } = await database.query(selectFilteredInvocations(scope, filter, after ?? LAST_ID, first + 1))
      return { items: rows.slice(0, first).map(toInvocation), hasNextPage: rows.length > first }
    },
    async ofFunctions(accountId, functionIds, page) {
      return pages(selectInvocationPages, [functionIds, accountId, page.after ?? LAST_ID, page.first + 1], page)
    },
    async deadLettersOf(accountId, functionIds, page) {
      return pages(selectDeadLetterPages, [functionIds, accountId, page.after ?? FIRST_ID, page.first + 1], page)
    },
    async attemptsOf(ids) {
      const { rows } = await database.query({ ...selectAttempts, values: [ids] })
      const attempts = groupBy(rows.map(toAttempt), ({ invocationId }) => invocationId)
      return ids.map((id) => attempts.get(id) ?? [])
    },
    async deliveriesOf(ids) {
      const { rows } = await database.query({ ...selectDeliveries, values: [ids] })
      const deliveries = groupBy(rows.map(toDelivery), ({ invocationId }: DeliveryRecord) => invocationId)
      return ids.map((id) => deliveries.get(id) ?? [])
    },
  }

  async function pages(
    statement: { readonly name: string; readonly text: string },
    values: readonly unknown[],
    { first }: PageRequest<string>,
  ) {
    const { rows } = await database.query({ ...statement, values: [...values] })
    return pagesBy(rows.map(toInvocation), ({ functionId }: InvocationRecord) => functionId, first)
  }
}
