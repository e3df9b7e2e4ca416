import { afterAll, beforeAll, expect, it } from 'vitest'
import { createPriceBook } from '../../src/billing/priceBook.ts'
import { billProvisioned } from '../../src/billing/provisionedBiller.ts'
import { createWakeups } from '../../src/events/wakeups.ts'
import { type DrivenClock, drivenClock } from '../kit/drivenClock.ts'
import { eventually } from '../kit/eventually.ts'
import { type GraphqlClient, graphqlClient } from '../kit/graphqlClient.ts'
import { createNodeFunction, invoke } from '../kit/invocationDocuments.ts'
import { deleteProvisioned, putProvisioned, untilProvisioned } from '../kit/provisionedDocuments.ts'
import { startTestService, type TestService } from '../kit/testService.ts'

const LEDGER = `{ ledgerEntries(first: 100) { nodes {
  type functionName version requestId memoryMiB durationMs billedDurationMs isProvisioned cost
} } }`

let clock: DrivenClock
let service: TestService
let client: GraphqlClient

beforeAll(async () => {
  clock = drivenClock(Date.UTC(2026, 10, 20))
  service = await startTestService({ clock })
  client = graphqlClient(service.url, service.token)
  const code = 'export const handler = async () => 1'
  await createNodeFunction(client, 'kept', code, { publish: true, memoryMiB: 1_024 })
})
afterAll(async () => {
  await client.close()
  await service[Symbol.asyncDispose]()
})

const entries = async (type: string) =>
  (await client.query(LEDGER)).data.ledgerEntries.nodes.filter((entry: { type: string }) => entry.type === type)

/** As another node would, at the same moment: what one bills the other does not. */
function billTwice() {
  const { pool } = service.database
  const bill = () => billProvisioned({ database: pool, prices: createPriceBook(pool, createWakeups()), clock })
  return Promise.all([bill(), bill(), bill()])
}

it('provisioned concurrency is billed in slices while it is kept, each once, and what runs in it at a lower price', async () => {
  await putProvisioned(client, 'kept', '1', 1)
  await untilProvisioned(client, 'kept', '1', { status: 'READY' })
  expect(await entries('PROVISIONED_CONCURRENCY')).toEqual([])
  await clock.advance(12 * 60_000)
  const whole = {
    type: 'PROVISIONED_CONCURRENCY',
    functionName: 'kept',
    version: '1',
    requestId: null,
    memoryMiB: 1_024,
    durationMs: 300_000,
    billedDurationMs: 300_000,
    cost: '0.001251',
  }
  await eventually(async () => {
    await billTwice()
    expect(await entries('PROVISIONED_CONCURRENCY')).toMatchObject([whole, whole])
  })

  const { requestId } = await invoke(client, { functionName: 'kept:1' })
  const [ran] = await entries('INVOCATION')
  expect(ran).toMatchObject({ requestId, isProvisioned: true, billedDurationMs: 100, cost: '0.000000972' })
  const { data } = await client.query('query ($id: String!) { invocation(requestId: $id) { cost } }', { id: requestId })
  expect(data.invocation.cost).toBe(ran.cost)

  await deleteProvisioned(client, 'kept', '1')
  const rest = await eventually(async () => {
    await billTwice()
    const all = await entries('PROVISIONED_CONCURRENCY')
    expect(all).toHaveLength(3)
    return all.at(-1)
  })
  expect(rest.durationMs).toBeGreaterThanOrEqual(2 * 60_000 - 10_000)
  expect(rest.durationMs).toBeLessThanOrEqual(2 * 60_000 + 10_000)

  const bill = (
    await client.query('{ bill { requests durationCost provisionedGigabyteSeconds provisionedCost cost } }')
  ).data.bill
  expect(bill).toMatchObject({ requests: '1', durationCost: '0.000000972' })
  const all = (await client.query(LEDGER)).data.ledgerEntries.nodes
  const nano = (dollars: string) => BigInt(Math.round(Number(dollars) * 1e9))
  expect(all.reduce((sum: bigint, { cost }: { cost: string }) => sum + nano(cost), 0n)).toBe(nano(bill.cost))
  const { rows } = await service.database.pool.query('SELECT spent_nano_usd::text AS spent FROM monthly_spending')
  expect(rows).toEqual([{ spent: String(nano(bill.cost)) }])
})
