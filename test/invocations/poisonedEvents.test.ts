import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type DrivenClock, drivenClock } from '../kit/drivenClock.ts'
import { type GraphqlClient, graphqlClient } from '../kit/graphqlClient.ts'
import { createNodeFunction, enqueue } from '../kit/invocationDocuments.ts'
import { startTestService, type TestService } from '../kit/testService.ts'

/** Each does what could bring down whoever handles it. */
const POISONS = {
  exits: 'process.exit(1)',
  kills: 'process.kill(process.pid, "SIGKILL")',
  overflows: 'const hoard = []; for (;;) hoard.push(Buffer.alloc(1 << 20, 1))',
  floods: 'for (let n = 0; n < 20000; n++) console.log("x".repeat(200)); throw new Error("flooded")',
  answersTooMuch: 'return "x".repeat(7_000_000)',
  cannotBeWritten: 'const loop = {}; loop.loop = loop; return loop',
  throwsNothing: 'throw undefined',
  throwsStrange: 'throw Object.create(null, { message: { get() { throw 1 } } })',
  unhandled: 'setImmediate(() => { throw new Error("late") }); await new Promise(() => {})',
  hasNul: 'throw new Error("a\\0b\\uD800")',
  neverEnds: 'for (;;);',
}

let clock: DrivenClock
let service: TestService
let client: GraphqlClient

beforeAll(async () => {
  clock = drivenClock(Date.now())
  service = await startTestService({ clock, config: { logLevel: 'silent' } })
  client = graphqlClient(service.url, service.token)
})
afterAll(async () => {
  await client.close()
  await service[Symbol.asyncDispose]()
})

it('a poisoned event cannot stop the queue: it fails for good, and all behind it are handled', async () => {
  const cases = Object.entries(POISONS)
  for (const [name, code] of cases) {
    await createNodeFunction(client, name, `export const handler = async () => { ${code} }`, { timeoutSeconds: 2 })
    await client.query(
      `mutation ($input: PutFunctionEventInvokeConfigInput!) {
        putFunctionEventInvokeConfig(input: $input) { userErrors { code } } }`,
      { input: { functionName: name, maximumRetryAttempts: 0 } },
    )
  }
  await createNodeFunction(client, 'healthy', 'export const handler = async ({ n }) => n')
  // In the queue, and lost by the history: nothing of it can be run.
  const { pool } = service.database
  await pool.query(
    `INSERT INTO queued_invocation (id, account_id, region, function_id, due_at, expires_at)
     SELECT gen_random_uuid(), account_id, region, id, $1, $2 FROM function WHERE name = 'healthy'`,
    [new Date(0), new Date(clock.now() + 3_600_000)],
  )
  const poisoned: string[] = []
  const healthy: string[] = []
  for (const [name] of cases) {
    poisoned.push(await enqueue(client, name))
    healthy.push(await enqueue(client, 'healthy', { n: healthy.length }))
  }
  const left = () => pool.query<{ count: number }>('SELECT count(*)::int AS count FROM queued_invocation')
  await vi.waitFor(
    async () => {
      await clock.advance(500)
      expect((await left()).rows[0]!.count).toBe(0)
    },
    { timeout: 60_000, interval: 100 },
  )
  const status = 'query ($id: String!) { invocation(requestId: $id) { status condition result } }'
  for (const id of poisoned) {
    const { data } = await client.query(status, { id })
    expect(data.invocation).toMatchObject({ status: 'FAILED', condition: 'RETRIES_EXHAUSTED' })
    expect(data.invocation.result.errorMessage).toEqual(expect.any(String))
  }
  for (const [n, id] of healthy.entries()) {
    expect((await client.query(status, { id })).data.invocation).toMatchObject({ status: 'SUCCEEDED', result: n })
  }
}, 90_000)
