import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type GraphqlClient, graphqlClient } from '../kit/graphqlClient.ts'
import { createNodeFunction } from '../kit/invocationDocuments.ts'
import { startTestService, type TestService } from '../kit/testService.ts'

const INVOKE = `mutation ($input: InvokeInput!) { invoke(input: $input) {
  statusCode requestId payload functionError executedVersion isRepeated userErrors { code message field }
} }`
/** Says how often it has run in its environment. */
const COUNTS = `let runs = 0
export const handler = async ({ fail, waitMs }) => {
  runs += 1
  if (waitMs) await new Promise((resolve) => setTimeout(resolve, waitMs))
  if (fail) throw new Error('failed ' + runs)
  return runs
}`

let service: TestService
let client: GraphqlClient

beforeAll(async () => {
  service = await startTestService()
  client = graphqlClient(service.url, service.token)
  await createNodeFunction(client, 'counts', COUNTS)
  await createNodeFunction(client, 'other', COUNTS)
})
afterAll(async () => {
  await client.close()
  await service[Symbol.asyncDispose]()
})

async function invoke(idempotencyKey: string, changes: Readonly<Record<string, unknown>> = {}) {
  const input = { functionName: 'counts', idempotencyKey, payload: {}, ...changes }
  const { data, errors } = await client.query(INVOKE, { input })
  expect(errors).toBeUndefined()
  return data.invoke
}

async function recorded(): Promise<number> {
  const { rows } = await service.database.pool.query('SELECT count(*)::int AS count FROM invocation')
  return rows[0].count
}

describe('an idempotency key', () => {
  it('gives who sends the same again the answer of the first invocation, and runs nothing', async () => {
    const first = await invoke('again')
    expect(first).toMatchObject({ statusCode: 200, isRepeated: false, executedVersion: '$LATEST', userErrors: [] })
    const before = await recorded()
    expect(await invoke('again')).toEqual({ ...first, isRepeated: true })
    expect(await recorded()).toBe(before)
    expect((await invoke('another')).payload).toBe(first.payload + 1)
  })

  it('gives the failure of the first invocation again: it is an answer like any other', async () => {
    const first = await invoke('fails', { payload: { fail: true } })
    expect(first).toMatchObject({ functionError: 'Unhandled', payload: { errorMessage: expect.any(String) } })
    expect(await invoke('fails', { payload: { fail: true } })).toEqual({ ...first, isRepeated: true })
  })

  it('accepts an event once', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => invoke('event', { type: 'EVENT' })))
    expect(new Set(answers.map(({ requestId }) => requestId)).size).toBe(1)
    expect(answers.filter(({ isRepeated }) => !isRepeated)).toHaveLength(1)
    for (const { statusCode } of answers) expect(statusCode).toBe(202)
  })

  it('lets one of several simultaneous requests run; the others are told that it runs', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => invoke('at-once', { payload: { waitMs: 300 } })))
    const ran = answers.filter(({ statusCode }) => statusCode === 200)
    expect(ran).toHaveLength(1)
    for (const { userErrors, statusCode } of answers) {
      if (statusCode !== 200)
        expect(userErrors).toMatchObject([{ code: 'RESOURCE_CONFLICT', field: ['input', 'idempotencyKey'] }])
    }
    expect(await invoke('at-once', { payload: { waitMs: 300 } })).toEqual({ ...ran[0], isRepeated: true })
  })

  it.each([
    ['another payload', { payload: { other: 1 } }],
    ['another type', { type: 'EVENT' }],
    ['another client context', { clientContext: { custom: {} } }],
  ])('is refused with %s', async (_name, changes) => {
    await invoke('input')
    expect((await invoke('input', changes)).userErrors).toMatchObject([
      { code: 'INVALID_PARAMETER_VALUE', message: expect.stringMatching(/used for invocation .* with another input/) },
    ])
  })

  it('is one of its function: another function has keys of its own', async () => {
    const one = await invoke('shared')
    const other = await invoke('shared', { functionName: 'other' })
    expect(other).toMatchObject({ isRepeated: false, userErrors: [] })
    expect(other.requestId).not.toBe(one.requestId)
  })

  it('is free again when a limit has refused the invocation', async () => {
    const put = (reservedConcurrentExecutions: number) =>
      client.query(
        'mutation ($input: PutFunctionConcurrencyInput!) { putFunctionConcurrency(input: $input) { userErrors { code } } }',
        { input: { functionName: 'other', reservedConcurrentExecutions } },
      )
    await put(0)
    expect((await invoke('throttled', { functionName: 'other' })).userErrors).toMatchObject([
      { code: 'TOO_MANY_REQUESTS' },
    ])
    await put(1)
    expect(await invoke('throttled', { functionName: 'other' })).toMatchObject({ statusCode: 200, isRepeated: false })
  })

  it('is free again when the node that ran the invocation has died', async () => {
    const { pool } = service.database
    const { rows } = await pool.query(`SELECT id FROM function WHERE name = 'counts'`)
    await invoke('probe')
    await pool.query(
      `INSERT INTO invocation_key (function_id, key, input_sha256, invocation_id, node_id, created_at)
       SELECT function_id, 'orphan', input_sha256, gen_random_uuid(), gen_random_uuid(), now()
       FROM invocation_key WHERE function_id = $1 AND key = 'probe'`,
      [rows[0].id],
    )
    expect(await invoke('orphan')).toMatchObject({ statusCode: 200, isRepeated: false })
    expect(await invoke('orphan')).toMatchObject({ statusCode: 200, isRepeated: true })
  })

  it.each(['', 'k'.repeat(129), 'a\0b'])('of 1 to 128 plain characters is taken, %j is not', async (key) => {
    expect((await invoke(key)).userErrors).toMatchObject([{ code: 'INVALID_PARAMETER_VALUE' }])
  })

  it('has no meaning for a dry run', async () => {
    expect((await invoke('dry', { type: 'DRY_RUN' })).userErrors[0].message).toMatch(/dry run takes no idempotency key/)
  })
})
