import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DrivenClock, drivenClock } from '../kit/drivenClock.ts'
import { eventually } from '../kit/eventually.ts'
import { type GraphqlClient, graphqlClient } from '../kit/graphqlClient.ts'
import { createNodeFunction, enqueue, eventsUntilDone } from '../kit/invocationDocuments.ts'
import { startTestService, type TestService } from '../kit/testService.ts'

let clock: DrivenClock
let service: TestService
let client: GraphqlClient

beforeAll(async () => {
  clock = drivenClock(Date.now())
  service = await startTestService({ clock })
  client = graphqlClient(service.url, service.token)
})
afterAll(async () => {
  await client.close()
  await service[Symbol.asyncDispose]()
})

async function attemptsOf(id: string): Promise<{ number: number; outcome: string; executedVersion: string }[]> {
  const { data } = await client.query(
    'query ($id: String!) { invocation(requestId: $id) { attempts { number outcome executedVersion } } }',
    { id },
  )
  return data.invocation.attempts
}

async function untilAttemptsEnded(id: string, count: number): Promise<void> {
  await eventually(async () => {
    const attempts = await attemptsOf(id)
    expect(attempts.filter(({ outcome }) => outcome !== 'RUNNING')).toHaveLength(count)
  })
}

describe('a failing asynchronous invocation', () => {
  it('is tried again after one minute and after two more, with the same request id, and then given up', async () => {
    await createNodeFunction(
      client,
      'failing',
      'export const handler = async (_, context) => { throw new Error(context.awsRequestId) }',
    )
    const id = await enqueue(client, 'failing')
    const events = eventsUntilDone(client, id)
    await untilAttemptsEnded(id, 1)
    await clock.advance(59_000)
    expect(await attemptsOf(id)).toHaveLength(1)
    await clock.advance(1_500)
    await untilAttemptsEnded(id, 2)
    await clock.advance(119_000)
    expect(await attemptsOf(id)).toHaveLength(2)
    await clock.advance(2_000)
    const all = await events
    expect(all.map(({ type, attempt }) => [type, attempt])).toEqual([
      ['QUEUED', null],
      ['STARTED', 1],
      ['RETRY_SCHEDULED', 1],
      ['STARTED', 2],
      ['RETRY_SCHEDULED', 2],
      ['STARTED', 3],
      ['FAILED', 3],
    ])
    const delays = all
      .filter(({ type }) => type === 'RETRY_SCHEDULED')
      .map(({ timestamp, nextAttemptAt }) => Date.parse(nextAttemptAt) - Date.parse(timestamp))
    expect(delays).toEqual([60_000, 120_000])
    const { data } = await client.query(
      'query ($id: String!) { invocation(requestId: $id) { status result functionError } }',
      { id },
    )
    expect(data.invocation).toMatchObject({
      status: 'FAILED',
      functionError: 'Unhandled',
      result: { errorMessage: id },
    })
  })

  it('runs the code that the function has when its first attempt begins', async () => {
    await createNodeFunction(client, 'changing', 'export const handler = async () => { throw new Error("old") }')
    const id = await enqueue(client, 'changing')
    await untilAttemptsEnded(id, 1)
    const { data } = await client.query(
      `mutation { updateFunctionCode(input: { functionName: "changing", code: { files: [
        { path: "index.mjs", content: "export const handler = async () => 'new'" }] } }) { userErrors { message } } }`,
    )
    expect(data.updateFunctionCode.userErrors).toEqual([])
    const events = eventsUntilDone(client, id)
    await clock.advance(61_000)
    expect((await events).at(-1)).toMatchObject({ type: 'SUCCEEDED', attempt: 2 })
  })

  it('stays on the version of an alias that its first attempt chose', async () => {
    await createNodeFunction(client, 'aliased', 'export const handler = async () => { throw new Error("one") }', {
      publish: true,
    })
    await client.query(
      'mutation { createAlias(input: { functionName: "aliased", name: "live", functionVersion: "1" }) { alias { name } } }',
    )
    const id = await enqueue(client, 'aliased:live')
    await untilAttemptsEnded(id, 1)
    await client.query(
      `mutation { updateFunctionCode(input: { functionName: "aliased", publish: true, code: { files: [
        { path: "index.mjs", content: "export const handler = async () => 'two'" }] } }) { version { version } } }`,
    )
    await client.query(
      'mutation { updateAlias(input: { functionName: "aliased", name: "live", functionVersion: "2" }) { alias { name } } }',
    )
    await clock.advance(61_000)
    await untilAttemptsEnded(id, 2)
    expect(await attemptsOf(id)).toMatchObject([
      { executedVersion: '1', outcome: 'FAILED' },
      { executedVersion: '1', outcome: 'FAILED' },
    ])
  })

  it('that is older than six hours when it is due is given up without an attempt', async () => {
    const code = 'export const handler = async () => { throw new Error("again") }'
    await createNodeFunction(client, 'stale', code)
    const id = await enqueue(client, 'stale')
    await untilAttemptsEnded(id, 1)
    // As if the service had been off for so long.
    await service.database.pool.query('UPDATE queued_invocation SET expires_at = $2 WHERE id = $1', [
      id,
      new Date(clock.now() + 30_000),
    ])
    const events = eventsUntilDone(client, id)
    await clock.advance(61_000)
    expect((await events).at(-1)).toMatchObject({ type: 'FAILED', attempt: null })
    expect(await attemptsOf(id)).toHaveLength(1)
    const { data } = await client.query('query ($id: String!) { invocation(requestId: $id) { status result } }', { id })
    expect(data.invocation).toMatchObject({ status: 'FAILED', result: { errorType: 'EventAgeExceeded' } })
  })
})
