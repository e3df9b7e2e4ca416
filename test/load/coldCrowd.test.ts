import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type GraphqlClient, graphqlClient } from '../kit/graphqlClient.ts'
import { createNodeFunction, invoke } from '../kit/invocationDocuments.ts'
import { startTestService, type TestService } from '../kit/testService.ts'

const FUNCTIONS = 20
const INVOKES = 200

describe.each([
  ['with room for all of them', 32_768, [200]],
  // Those that find no room within ten seconds are told so.
  ['with room for eight', 1_024, [200, 'ENVIRONMENT_CAPACITY_EXCEEDED']],
] as const)('200 cold synchronous invokes at once, %s', (_name, memoryBudgetMiB, outcomes) => {
  let service: TestService
  let client: GraphqlClient
  beforeAll(async () => {
    service = await startTestService({ config: { memoryBudgetMiB } })
    client = graphqlClient(service.url, service.token)
    for (let number = 0; number < FUNCTIONS; number += 1) {
      await createNodeFunction(client, `cold-${number}`, `export const handler = async ({ n }) => n`)
    }
  })
  afterAll(async () => {
    await client.close()
    await service[Symbol.asyncDispose]()
  })

  it('all come back: with their answer, or throttled with a reason; and the service goes on', async () => {
    const beganMs = performance.now()
    const answers = await Promise.all(
      Array.from({ length: INVOKES }, (_, n) =>
        invoke(client, { functionName: `cold-${n % FUNCTIONS}`, payload: { n } }),
      ),
    )
    const tookMs = performance.now() - beganMs
    for (const [n, { statusCode, payload, userErrors }] of answers.entries()) {
      const outcome = statusCode ?? userErrors[0].reason
      expect(outcomes).toContain(outcome)
      if (statusCode === 200) expect(payload).toBe(n)
      else expect(userErrors[0]).toMatchObject({ httpStatus: 429, retryAfterMs: expect.any(Number) })
    }
    const ran = answers.filter(({ statusCode }) => statusCode === 200).length
    expect(ran).toBeGreaterThanOrEqual(FUNCTIONS)
    console.log(
      `${ran} of ${INVOKES} ran, the others were throttled; all were back after ${(tookMs / 1000).toFixed(1)} s`,
    )
    expect((await invoke(client, { functionName: 'cold-0', payload: { n: 'after' } })).payload).toBe('after')
    const { rows } = await service.database.pool.query(
      'SELECT (SELECT count(*)::int FROM ledger_entry) AS billed, (SELECT count(*)::int FROM throttle_event) AS throttled',
    )
    expect(rows).toEqual([{ billed: ran + 1, throttled: INVOKES - ran }])
  }, 60_000)
})
