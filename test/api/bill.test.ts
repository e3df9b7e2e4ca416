import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { drivenClock } from '../kit/drivenClock.ts'
import { type GraphqlClient, graphqlClient } from '../kit/graphqlClient.ts'
import { createNodeFunction, invoke } from '../kit/invocationDocuments.ts'
import { startTestService, type TestService } from '../kit/testService.ts'

const BILL = `query ($month: String, $groupBy: BillGrouping!, $after: String) {
  bill(month: $month) {
    month requests gigabyteSeconds requestCost durationCost cost
    lines(groupBy: $groupBy, first: 2, after: $after) {
      nodes { key requests gigabyteSeconds cost }
      pageInfo { hasNextPage endCursor }
    }
  }
}`

let service: TestService
let client: GraphqlClient
const clock = drivenClock(Date.UTC(2026, 10, 29, 23, 0))

beforeAll(async () => {
  service = await startTestService({ clock })
  client = graphqlClient(service.url, service.token)
  for (const [name, memoryMiB] of [
    ['small', 128],
    ['middle', 333],
    ['large', 1024],
  ] as const) {
    await createNodeFunction(client, name, 'export const handler = async () => 1', { memoryMiB, publish: true })
    await invoke(client, { functionName: name })
    await invoke(client, { functionName: `${name}:1` })
  }
  await clock.advance(2 * 3600_000)
  await invoke(client, { functionName: 'small' })
  await clock.advance(24 * 3600_000)
  await invoke(client, { functionName: 'small' })
})
afterAll(async () => {
  await client.close()
  await service[Symbol.asyncDispose]()
})

const nanoUsd = (dollars: string) => BigInt(Math.round(Number(dollars) * 1e9))

async function linesOf(groupBy: string) {
  const lines: { key: string; requests: string; cost: string }[] = []
  let after: string | null = null
  for (;;) {
    const { data, errors } = await client.query(BILL, { month: '2026-11', groupBy, after })
    expect(errors).toBeUndefined()
    lines.push(...data.bill.lines.nodes)
    if (!data.bill.lines.pageInfo.hasNextPage) return { bill: data.bill, lines }
    after = data.bill.lines.pageInfo.endCursor
  }
}

describe('the bill of a month', () => {
  it('is the sum of its ledger, to the nano-dollar', async () => {
    const { bill } = await linesOf('DAY')
    const { data } = await client.query('{ ledgerEntries(first: 100) { nodes { timestamp cost } } }')
    const entries = data.ledgerEntries.nodes.filter(({ timestamp }: { timestamp: string }) => timestamp < '2026-12')
    const sum = entries.reduce((total: bigint, { cost }: { cost: string }) => total + nanoUsd(cost), 0n)
    expect(entries).toHaveLength(7)
    expect(bill).toMatchObject({ month: '2026-11', requests: '7', requestCost: '0' })
    expect(nanoUsd(bill.cost)).toBe(sum)
  })

  it.each([
    ['FUNCTION', ['large', 'middle', 'small'], ['2', '2', '3']],
    [
      'VERSION',
      ['large:$LATEST', 'large:1', 'middle:$LATEST', 'middle:1', 'small:$LATEST', 'small:1'],
      ['1', '1', '1', '1', '2', '1'],
    ],
    ['DAY', ['2026-11-29', '2026-11-30'], ['6', '1']],
  ])('has lines by %s that add up to it', async (groupBy, keys, requests) => {
    const { bill, lines } = await linesOf(groupBy)
    expect(lines.map(({ key }) => key)).toEqual(keys)
    expect(lines.map((line) => line.requests)).toEqual(requests)
    expect(lines.reduce((sum, { cost }) => sum + nanoUsd(cost), 0n)).toBe(nanoUsd(bill.cost))
  })

  it('is that of the present month where none is asked for', async () => {
    const { data } = await client.query('{ bill { month requests } }')
    expect(data.bill).toEqual({ month: '2026-12', requests: '1' })
  })

  it('of a month that is none is refused', async () => {
    const { errors } = await client.query('{ bill(month: "11/2026") { cost } }')
    expect(errors).toMatchObject([{ extensions: { code: 'INVALID_PARAMETER_VALUE' } }])
  })
})

describe('a cost estimate', () => {
  it('prices a month without running anything', async () => {
    const { data } = await client.query(
      `{ costEstimate(input: { requests: "3000000", durationMs: 120, memoryMiB: 512 }) {
        billedDurationMs gigabyteSeconds requestCost durationCost cost } }`,
    )
    expect(data.costEstimate).toEqual({
      billedDurationMs: 200,
      gigabyteSeconds: '300000',
      requestCost: '0.4',
      durationCost: '5.001',
      cost: '5.401',
    })
  })

  it.each(['durationMs: -1, memoryMiB: 128', 'durationMs: 1, memoryMiB: 64'])('refuses %s', async (fields) => {
    const { errors } = await client.query(`{ costEstimate(input: { requests: "1", ${fields} }) { cost } }`)
    expect(errors).toMatchObject([{ extensions: { code: 'VALIDATION' } }])
  })
})
