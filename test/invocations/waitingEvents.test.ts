import { expect, it } from 'vitest'
import { eventually } from '../kit/eventually.ts'
import { graphqlClient } from '../kit/graphqlClient.ts'
import { createNodeFunction } from '../kit/invocationDocuments.ts'
import { startTestService } from '../kit/testService.ts'

const EVENTS = 400
const MOST_WAITING = 128
/** One of these has room, and slots for more events than may wait. */
const MEMORY_MIB = 10_240
const BUDGET_MIB = 19 * 1024
const SLEEP = 'export const handler = async () => { await new Promise((later) => setTimeout(later, 1_500)) }'
const ACCEPT = `mutation ($payloads: [JSON!]!) {
  invokeBatch(input: { functionName: "large", payloads: $payloads }) { requestIds userErrors { code message } }
}`

it('events that no environment is free for wait in the queue, where any node finds them, and not on one that has claimed them', async () => {
  await using service = await startTestService({ config: { memoryBudgetMiB: BUDGET_MIB } })
  const client = graphqlClient(service.url, service.token)
  await createNodeFunction(client, 'large', SLEEP, { memoryMiB: MEMORY_MIB })
  const { data } = await client.query(ACCEPT, { payloads: Array.from({ length: EVENTS }, (_, index) => index) })
  expect(data.invokeBatch.userErrors).toEqual([])
  const claimed = async () => {
    const text = 'SELECT count(node_id)::int AS claimed, count(*)::int AS all FROM queued_invocation'
    return (await service.database.pool.query<{ claimed: number; all: number }>(text)).rows[0]!
  }
  // Time enough to claim them all.
  await eventually(async () => expect((await claimed()).all).toBeLessThan(EVENTS))
  expect((await claimed()).claimed).toBeGreaterThan(MOST_WAITING / 2)
  // Beside those that wait there is the one that runs.
  expect((await claimed()).claimed).toBeLessThanOrEqual(MOST_WAITING + 1)
  await client.close()
})
