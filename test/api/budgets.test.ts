import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createPriceBook } from '../../src/billing/priceBook.ts'
import { createWakeups } from '../../src/events/wakeups.ts'
import { DEFAULT_PRICE_LIST } from '../../src/model/price.ts'
import { type DrivenClock, drivenClock } from '../kit/drivenClock.ts'
import { eventually } from '../kit/eventually.ts'
import { type GraphqlClient, graphqlClient } from '../kit/graphqlClient.ts'
import { createNodeFunction, enqueue, invoke } from '../kit/invocationDocuments.ts'
import { startTestService, type TestService } from '../kit/testService.ts'

const PUT = `mutation ($input: PutBudgetInput!) { putBudget(input: $input) {
  budget { name amount alertPercentages isStopping spent isSpent } userErrors { code message field }
} }`
const EVENTS = `subscription { billingEvents(after: "") { type functionName cost note priceList billedDurationMs isProvisioned } }`
const CHOOSE = `mutation ($input: ChoosePriceListInput!) { choosePriceList(input: $input) {
  priceList { name billingStepMs freeGigabyteSecondsPerMonth prices { architecture duration } } userErrors { code message }
} }`
/** What one request of 100 ms at 128 MB costs. */
const ONE = '0.000000208'

let clock: DrivenClock
let service: TestService
let client: GraphqlClient

beforeAll(async () => {
  clock = drivenClock(Date.UTC(2026, 10, 20))
  service = await startTestService({ clock })
  client = graphqlClient(service.url, service.token)
  await createNodeFunction(client, 'spends', 'export const handler = async () => 1')
})
afterAll(async () => {
  await client.close()
  await service[Symbol.asyncDispose]()
})

async function put(input: Readonly<Record<string, unknown>>) {
  const { data, errors } = await client.query(PUT, { input })
  expect(errors).toBeUndefined()
  return data.putBudget
}

const remove = (name: string) =>
  client.query('mutation ($input: DeleteBudgetInput!) { deleteBudget(input: $input) { name userErrors { code } } }', {
    input: { name },
  })

/** The events of the bill up to the one that fits. */
async function eventsUntil(fits: (event: Readonly<Record<string, unknown>>) => boolean) {
  const events = []
  for await (const { data } of client.subscribe(EVENTS)) {
    events.push(data.billingEvents)
    if (fits(data.billingEvents)) break
  }
  return events
}

describe('a budget', () => {
  it('is told of once, in the stream of the bill, when so much of it is spent', async () => {
    const { budget, userErrors } = await put({ name: 'small', amount: '0.000000832', alertPercentages: [100, 50, 50] })
    expect(userErrors).toEqual([])
    expect(budget).toEqual({
      name: 'small',
      amount: '0.000000832',
      alertPercentages: [50, 100],
      isStopping: false,
      spent: '0',
      isSpent: false,
    })
    for (let count = 1; count <= 5; count += 1) {
      await invoke(client, { functionName: 'spends' })
      // Nobody has to look for alerts: they come with the bill.
      await eventually(async () => {
        const { rows } = await service.database.pool.query(
          `SELECT count(*)::int AS count FROM ledger_entry WHERE type = 'BUDGET_ALERT'`,
        )
        expect(rows[0].count).toBe(count < 2 ? 0 : count < 4 ? 1 : 2)
      })
    }
    const events = await eventsUntil(({ note }) => String(note).startsWith('100 %'))
    expect(events.filter(({ type }) => type === 'BUDGET_ALERT')).toMatchObject([
      { functionName: null, cost: '0', note: '50 % of the budget small are spent: $0.000000416 of $0.000000832.' },
      { functionName: null, cost: '0', note: '100 % of the budget small are spent: $0.000000832 of $0.000000832.' },
    ])
    const { data } = await client.query('{ budgets { name spent isSpent } bill { cost requests } }')
    expect(data.budgets).toEqual([{ name: 'small', spent: '0.00000104', isSpent: true }])
    // Alerts are no lines of the bill.
    expect(data.bill).toEqual({ cost: '0.00000104', requests: '5' })
    await remove('small')
  })

  it('that stops throttles everything when it is spent, until it is raised; events wait meanwhile', async () => {
    await put({ name: 'hard', amount: '0.000001', isStopping: true })
    await eventually(async () => {
      const { userErrors } = await invoke(client, { functionName: 'spends' })
      expect(userErrors).toMatchObject([
        {
          code: 'TOO_MANY_REQUESTS',
          reason: 'BUDGET_SPENT',
          message: expect.stringMatching(/raise it with putBudget/),
        },
      ])
    })
    const id = await enqueue(client, 'spends')
    const status = async () =>
      (await client.query('query ($id: String!) { invocation(requestId: $id) { status attempts { number } } }', { id }))
        .data.invocation
    await eventually(async () => {
      const { data } = await client.query('{ throttleEvents(first: 100) { nodes { requestId reason } } }')
      expect(data.throttleEvents.nodes).toContainEqual({ requestId: id, reason: 'BUDGET_SPENT' })
    })
    expect(await status()).toEqual({ status: 'QUEUED', attempts: [] })
    await put({ name: 'hard', amount: '1', isStopping: true })
    expect((await invoke(client, { functionName: 'spends' })).statusCode).toBe(200)
    await vi.waitFor(async () => {
      await clock.advance(1_000)
      expect((await status()).status).toBe('SUCCEEDED')
    }, 10_000)
    await remove('hard')
  })

  it('begins anew with each month', async () => {
    await put({ name: 'monthly', amount: '0.0000001', isStopping: true })
    expect((await invoke(client, { functionName: 'spends' })).userErrors).toMatchObject([{ reason: 'BUDGET_SPENT' }])
    await clock.advance(12 * 86_400_000)
    expect((await invoke(client, { functionName: 'spends' })).statusCode).toBe(200)
    await remove('monthly')
    expect((await invoke(client, { functionName: 'spends' })).statusCode).toBe(200)
  })

  it.each([
    [{ name: '' }, 'name'],
    [{ amount: '0' }, 'amount'],
    [{ amount: '-1' }, 'amount'],
    [{ amount: '0.0000000001' }, 'amount'],
    [{ alertPercentages: [0] }, 'alertPercentages'],
    [{ alertPercentages: Array(11).fill(5) }, 'alertPercentages'],
  ])('is refused with %j', async (changes, field) => {
    const { budget, userErrors } = await put({ name: 'n', amount: '1', ...changes })
    expect({ budget, userErrors }).toMatchObject({
      budget: null,
      userErrors: [{ code: 'VALIDATION', field: ['input', field] }],
    })
  })

  it('is one of twenty at most', async () => {
    for (let count = 0; count < 20; count += 1) await put({ name: `b${count}`, amount: '1' })
    expect((await put({ name: 'one more', amount: '1' })).userErrors[0].message).toMatch(/at most 20 budgets/)
    for (let count = 0; count < 20; count += 1) await remove(`b${count}`)
    expect((await remove('b0')).data.deleteBudget.userErrors).toEqual([{ code: 'RESOURCE_NOT_FOUND' }])
  })
})

describe('a price list', () => {
  it('of the table is the default that the code knows', async () => {
    const book = createPriceBook(service.database.pool, createWakeups())
    const scope = { accountId: '999999999999', region: 'eu-central-1' }
    expect(await book.at(scope, clock.now())).toEqual(DEFAULT_PRICE_LIST)
  })

  it('can be chosen: the next attempt is billed by it, and its entry names it', async () => {
    const { data } = await client.query(CHOOSE, { input: { name: 'aws', hasFreeDuration: true } })
    expect(data.choosePriceList).toEqual({
      priceList: {
        name: 'aws',
        billingStepMs: 1,
        freeGigabyteSecondsPerMonth: '400000',
        prices: [
          { architecture: 'X86_64', duration: '0.0000166667' },
          { architecture: 'ARM64', duration: '0.0000133334' },
        ],
      },
      userErrors: [],
    })
    await invoke(client, { functionName: 'spends' })
    const events = await eventsUntil(({ priceList }) => priceList === 'aws')
    expect(events.at(-1)).toMatchObject({ cost: '0', type: 'INVOCATION' })
    expect(events.at(-1)!.billedDurationMs).toBeLessThan(100)
    await client.query(CHOOSE, { input: { name: 'standard' } })
    await invoke(client, { functionName: 'spends' })
    const { rows } = await service.database.pool.query(
      'SELECT price_list FROM ledger_entry ORDER BY transaction_id DESC, sequence DESC LIMIT 2',
    )
    expect(rows).toEqual([{ price_list: 'standard' }, { price_list: 'aws' }])
    expect((await client.query('{ priceList { name } }')).data.priceList.name).toBe('standard')
  })

  it('of a region is taken before that of all regions, from its day on', async () => {
    await service.database.pool.query(
      `INSERT INTO price_list SELECT name, 'af-south-1', $1, 100, 300, 0, 1, 1, 1, 1, 1, 1 FROM price_list
       WHERE name = 'standard' AND region = '*'`,
      [new Date(Date.UTC(2026, 10, 1))],
    )
    await service.database.pool.query(
      `INSERT INTO price_list SELECT name, region, $1, 100, 400, 0, 1, 1, 1, 1, 1, 1 FROM price_list WHERE region = 'af-south-1'`,
      [new Date(Date.UTC(2027, 0, 1))],
    )
    const book = createPriceBook(service.database.pool, createWakeups())
    const scope = { accountId: '100000000001', region: 'af-south-1' }
    expect((await book.at(scope, Date.UTC(2026, 11, 31))).requestNanoUsd).toBe(300n)
    expect((await book.at(scope, Date.UTC(2027, 0, 1))).requestNanoUsd).toBe(400n)
  })

  it('that nobody has is refused with those that there are', async () => {
    const { data } = await client.query(CHOOSE, { input: { name: 'free' } })
    expect(data.choosePriceList.userErrors).toEqual([
      { code: 'RESOURCE_NOT_FOUND', message: 'Price list not found: free. There are: aws, standard.' },
    ])
  })

  it('can be asked what a month would cost by it', async () => {
    const { data } = await client.query(
      `{ costEstimate(input: { requests: "1000000", durationMs: 120, memoryMiB: 1024, priceList: "aws", architecture: ARM64,
          provisionedConcurrency: 0 }) { billedDurationMs durationCost provisionedCost cost priceList } }`,
    )
    expect(data.costEstimate).toEqual({
      billedDurationMs: 120,
      durationCost: '1.6',
      provisionedCost: '0',
      cost: '1.6',
      priceList: 'aws',
    })
  })
})

it(`one request of 100 ms at 128 MB costs $${ONE}`, async () => {
  const { data } = await client.query('{ ledgerEntries(first: 1) { nodes { cost } } }')
  expect(data.ledgerEntries.nodes).toEqual([{ cost: ONE }])
})
