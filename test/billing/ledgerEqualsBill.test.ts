import fc from 'fast-check'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { selectBill, selectBillLines } from '../../src/billing/sql/selectBill.ts'
import { monthSpan } from '../../src/model/bill.ts'
import { billedDurationMs, DEFAULT_PRICE_LIST } from '../../src/model/price.ts'
import { chargeRow } from '../kit/journalRows.ts'
import { createTestJournal, type TestJournal } from '../kit/testJournal.ts'

let kit: TestJournal
beforeAll(async () => {
  kit = await createTestJournal()
})
afterAll(() => kit[Symbol.asyncDispose]())

const MONTHS = ['2026-10', '2026-11', '2026-12'] as const
const charge = fc.record({
  month: fc.constantFrom(...MONTHS),
  functionName: fc.constantFrom('a', 'b', 'c'),
  memoryMiB: fc.integer({ min: 128, max: 10_240 }),
  durationUs: fc.integer({ min: 0, max: 900_000_000 }),
  architecture: fc.constantFrom('X86_64' as const, 'ARM64' as const),
  isProvisioned: fc.boolean(),
  billingStepMs: fc.constantFrom(1, 100),
  node: fc.nat({ max: 1 }),
})

it('the sum of the ledger is the bill, its lines and what budgets look at, to the nano-dollar', async () => {
  const nodes = [kit.journal, kit.newJournal()]
  let run = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(charge, { minLength: 1, maxLength: 60 }),
      fc.bigInt({ min: 0n, max: 20n }),
      fc.bigInt({ min: 0n, max: 10n ** 10n }),
      async (charges, freeRequestsPerMonth, freeMebibyteMilliseconds) => {
        run += 1
        const scope = { accountId: String(500_000_000_000 + run), region: 'us-east-1' }
        await Promise.all(
          charges.map(({ month, node, billingStepMs, ...rest }) => {
            const prices = { ...DEFAULT_PRICE_LIST, billingStepMs, freeRequestsPerMonth, freeMebibyteMilliseconds }
            const billedMs = billedDurationMs(rest.durationUs, billingStepMs)
            const timestampMs = monthSpan(month)!.toMs - 1
            const row = { ...chargeRow(uuid(), uuid(), 1), ...rest, scope, billedMs, timestampMs, prices }
            return nodes[node]!.write({ charge: row })
          }),
        )
        for (const month of MONTHS) {
          const { fromMs, toMs } = monthSpan(month)!
          const values = [scope.accountId, scope.region, new Date(fromMs), new Date(toMs)]
          const entries = await kit.database.query<{ sum: string; count: number }>(
            `SELECT coalesce(sum(request_price_nano_usd + duration_price_nano_usd), 0)::text AS sum, count(*)::int AS count
             FROM ledger_entry WHERE account_id = $1 AND region = $2 AND timestamp >= $3 AND timestamp < $4`,
            values,
          )
          const { sum, count } = entries.rows[0]!
          expect(count).toBe(charges.filter((each) => each.month === month).length)
          const bill = (await kit.database.query({ ...selectBill, values })).rows[0]
          expect(String(BigInt(bill.request_price) + BigInt(bill.duration_price))).toBe(sum)
          const lines = await kit.database.query({ ...selectBillLines('FUNCTION'), values: [...values, '', 100] })
          const ofLines = lines.rows.reduce(
            (all, line) => all + BigInt(line.request_price) + BigInt(line.duration_price),
            0n,
          )
          expect(String(ofLines)).toBe(sum)
          const spent = await kit.database.query(
            'SELECT spent_nano_usd::text AS spent FROM monthly_spending WHERE account_id = $1 AND region = $2 AND month = $3',
            [scope.accountId, scope.region, `${month}-01`],
          )
          expect(spent.rows[0]?.spent ?? '0').toBe(sum)
          // However the nodes have cut the month into batches, the free tier is given away once and in whole.
          const free = await kit.database.query<{ count: number }>(
            `SELECT count(*)::int AS count FROM ledger_entry
             WHERE account_id = $1 AND timestamp >= $2 AND timestamp < $3 AND request_price_nano_usd = 0`,
            [scope.accountId, new Date(fromMs), new Date(toMs)],
          )
          expect(free.rows[0]!.count).toBe(Math.min(count, Number(freeRequestsPerMonth)))
        }
      },
    ),
    { numRuns: 25 },
  )
}, 60_000)
