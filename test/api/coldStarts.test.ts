import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type GraphqlClient, graphqlClient } from '../kit/graphqlClient.ts'
import { createNodeFunction, invoke } from '../kit/invocationDocuments.ts'
import { startTestService, type TestService } from '../kit/testService.ts'

/** Tells its process and how long ago that was started. */
const SELF =
  'export const handler = async () => ({ pid: process.env.AWS_LAMBDA_LOG_STREAM_NAME, ageMs: process.uptime() * 1000 })'
const ATTEMPTS = 'query ($id: String!) { invocation(requestId: $id) { attempts { isColdStart initDurationMs } } }'
const FORCED = `mutation ($input: InvokeInput!) {
  invoke(input: $input) { requestId payload userErrors { code message field } }
}`
const AHEAD_MS = 1_000

let service: TestService
let client: GraphqlClient
beforeAll(async () => {
  service = await startTestService({ config: { prestarted: 1 } })
  client = graphqlClient(service.url, service.token)
  await createNodeFunction(client, 'self', SELF)
})
afterAll(async () => {
  await client.close()
  await service[Symbol.asyncDispose]()
})

async function force(input: object) {
  const { data } = await client.query(FORCED, {
    input: { functionName: 'self', forceColdStart: true, ...input },
  })
  return data.invoke
}

describe('a function that was just created', () => {
  it('finds an environment that was started before it was needed', async () => {
    await new Promise((resolve) => setTimeout(resolve, AHEAD_MS))
    const { payload, requestId } = await invoke(client, { functionName: 'self' })
    expect(payload.ageMs).toBeGreaterThan(AHEAD_MS / 2)
    const { data } = await client.query(ATTEMPTS, { id: requestId })
    expect(data.invocation.attempts).toEqual([{ isColdStart: true, initDurationMs: expect.any(Number) }])
  })
})

describe('a forced cold start', () => {
  it('runs in an environment of its own, though another one is warm', async () => {
    const warm = await invoke(client, { functionName: 'self' })
    const forced = await force({})
    expect(forced).toMatchObject({ userErrors: [] })
    expect(forced.payload.pid).not.toBe(warm.payload.pid)
    const { data } = await client.query(ATTEMPTS, { id: forced.requestId })
    expect(data.invocation.attempts).toEqual([{ isColdStart: true, initDurationMs: expect.any(Number) }])
  })

  it('leaves an environment that is warm for others', async () => {
    const forced = await force({})
    expect((await invoke(client, { functionName: 'self' })).payload.pid).toBe(forced.payload.pid)
  })

  it('is not given an environment that somebody else gives back', async () => {
    await createNodeFunction(
      client,
      'slow',
      'let events = 0; export const handler = async () => { await new Promise((r) => setTimeout(r, 300)); return ++events }',
    )
    const answers = await Promise.all([
      invoke(client, { functionName: 'slow' }),
      ...Array.from({ length: 3 }, () => force({ functionName: 'slow' })),
    ])
    expect(answers.map(({ payload }) => payload)).toEqual([1, 1, 1, 1])
  })

  it.each(['EVENT', 'DRY_RUN'])('is refused of an invocation of the type %s', async (type) => {
    expect((await force({ type })).userErrors).toEqual([
      {
        code: 'INVALID_PARAMETER_VALUE',
        message: `A cold start can be forced of a REQUEST_RESPONSE invocation alone, not of ${type}.`,
        field: ['input', 'forceColdStart'],
      },
    ])
  })
})
