import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type DrivenClock, drivenClock } from '../kit/drivenClock.ts'
import { type GraphqlClient, graphqlClient } from '../kit/graphqlClient.ts'
import { createNodeFunction, enqueue, invoke } from '../kit/invocationDocuments.ts'
import { startTestService, type TestService } from '../kit/testService.ts'

const PUT = `mutation ($input: PutFunctionEventInvokeConfigInput!) {
  putFunctionEventInvokeConfig(input: $input) { userErrors { code message } }
}`
const LETTERS = `query ($name: String!, $first: Int, $after: String) { function(functionName: $name) {
  deadLetters(first: $first, after: $after) {
    nodes { requestId condition payload result } pageInfo { hasNextPage endCursor }
  }
} }`
const REDRIVE = `mutation ($input: RedriveInvocationsInput!) { redriveInvocations(input: $input) {
  invocations { requestId status source payload redriveOf { requestId redrivenAs { requestId } } } userErrors { message }
} }`
const DISCARD = `mutation ($input: DiscardDeadLettersInput!) { discardDeadLetters(input: $input) {
  invocations { requestId } userErrors { message }
} }`
const LIST = `query ($filter: InvocationFilterInput, $first: Int, $after: String) {
  invocations(filter: $filter, first: $first, after: $after) {
    nodes { requestId status type source functionName condition } pageInfo { hasNextPage endCursor }
  }
}`
const STATUS = 'query ($id: String!) { invocation(requestId: $id) { status condition result } }'
/** Fails unless the event says that it may succeed. */
const MAY_FAIL = 'export const handler = async ({ ok }) => { if (!ok) throw new Error("no"); return "done" }'

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

/** Creates a function whose events are not retried. */
async function create(functionName: string, code: string, destinationConfig: object | null = null) {
  await createNodeFunction(client, functionName, code)
  const { data } = await client.query(PUT, { input: { functionName, maximumRetryAttempts: 0, destinationConfig } })
  expect(data.putFunctionEventInvokeConfig.userErrors).toEqual([])
}

const read = async (id: string) => (await client.query(STATUS, { id })).data.invocation

function done(id: string) {
  return vi.waitFor(
    async () => {
      const invocation = await read(id)
      expect(['SUCCEEDED', 'FAILED']).toContain(invocation.status)
      return invocation
    },
    { timeout: 10_000, interval: 20 },
  )
}

async function letters(name: string, page: Readonly<Record<string, unknown>> = {}) {
  const { data, errors } = await client.query(LETTERS, { name, ...page })
  expect(errors).toBeUndefined()
  return data.function.deadLetters
}

async function list(filter: Readonly<Record<string, unknown>>, page: Readonly<Record<string, unknown>> = {}) {
  const { data, errors } = await client.query(LIST, { filter, ...page })
  expect(errors).toBeUndefined()
  return data.invocations
}

async function redrive(input: Readonly<Record<string, unknown>>) {
  const { data, errors } = await client.query(REDRIVE, { input })
  expect(errors).toBeUndefined()
  expect(data.redriveInvocations.userErrors).toEqual([])
  return data.redriveInvocations.invocations
}

describe('the dead letters of a function', () => {
  it('are its events that failed for good, oldest first, page by page, with what went wrong', async () => {
    await create('listed', MAY_FAIL)
    const failed = []
    for (const n of [1, 2, 3]) failed.push(await enqueue(client, 'listed', { n }))
    const succeeded = await enqueue(client, 'listed', { ok: true })
    for (const id of [...failed, succeeded]) await done(id)
    const first = await letters('listed', { first: 2 })
    const second = await letters('listed', { first: 2, after: first.pageInfo.endCursor })
    expect([...first.nodes, ...second.nodes]).toEqual(
      failed.map((requestId, index) => ({
        requestId,
        condition: 'RETRIES_EXHAUSTED',
        payload: { n: index + 1 },
        result: expect.objectContaining({ errorMessage: 'no' }),
      })),
    )
    expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false])
  })

  it('are sent again with their own event as a new invocation, and leave the list', async () => {
    await create('redriven', MAY_FAIL)
    const ids = [await enqueue(client, 'redriven', { n: 1 }), await enqueue(client, 'redriven', { n: 2 })]
    for (const id of ids) await done(id)
    await client.query(
      'mutation ($input: UpdateFunctionCodeInput!) { updateFunctionCode(input: $input) { userErrors { code } } }',
      {
        input: {
          functionName: 'redriven',
          code: { files: [{ path: 'index.mjs', content: 'export const handler = async ({ n }) => n' }] },
        },
      },
    )
    const again = await redrive({ functionName: 'redriven' })
    expect(again).toEqual(
      ids.map((id, index) => ({
        requestId: expect.not.stringMatching(id),
        status: expect.any(String),
        source: 'REDRIVE',
        payload: { n: index + 1 },
        redriveOf: { requestId: id, redrivenAs: { requestId: again[index].requestId } },
      })),
    )
    for (const { requestId } of again) expect(await done(requestId)).toMatchObject({ status: 'SUCCEEDED' })
    expect((await letters('redriven')).nodes).toEqual([])
    expect(await redrive({ functionName: 'redriven' })).toEqual([])
  })

  it('are sent again once, however many ask at the same time', async () => {
    await create('contested', MAY_FAIL)
    const ids = await Promise.all(Array.from({ length: 10 }, (_, n) => enqueue(client, 'contested', { n })))
    for (const id of ids) await done(id)
    const answers = await Promise.all(Array.from({ length: 8 }, () => redrive({ functionName: 'contested' })))
    const sent = answers.flat().map(({ redriveOf }) => redriveOf.requestId)
    expect(sent.sort()).toEqual(ids.sort())
  })

  it('can be chosen by their request ids, and what is none is passed over', async () => {
    await create('chosen', MAY_FAIL)
    const [one, other] = [await enqueue(client, 'chosen'), await enqueue(client, 'chosen')]
    await done(one)
    await done(other)
    const again = await redrive({ functionName: 'chosen', requestIds: [other, 'nonsense', crypto.randomUUID()] })
    expect(again).toMatchObject([{ redriveOf: { requestId: other } }])
    await done(again[0].requestId)
    expect((await letters('chosen')).nodes).toMatchObject([{ requestId: one }, { requestId: again[0].requestId }])
  })

  it('can be discarded: the invocation stays in the history', async () => {
    await create('discarded', MAY_FAIL)
    const id = await enqueue(client, 'discarded')
    await done(id)
    const { data } = await client.query(DISCARD, { input: { functionName: 'discarded' } })
    expect(data.discardDeadLetters).toEqual({ invocations: [{ requestId: id }], userErrors: [] })
    expect((await letters('discarded')).nodes).toEqual([])
    expect(await read(id)).toMatchObject({ status: 'FAILED' })
  })

  it('are asked for a hundred at a time', async () => {
    const { data } = await client.query(REDRIVE, { input: { functionName: 'chosen', maximum: 101 } })
    expect(data.redriveInvocations.userErrors[0].message).toMatch(/1 to 100 dead letters/)
  })
})

describe('a destination that is a function', () => {
  it('is invoked with the record, as an event with retries of its own', async () => {
    await createNodeFunction(client, 'recorder', 'export const handler = async (record) => record.requestContext')
    await create('recorded', MAY_FAIL, {
      onFailure: { destination: 'arn:aws:lambda:us-east-1:100000000001:function:recorder' },
    })
    const id = await enqueue(client, 'recorded', {})
    await done(id)
    const { nodes } = await vi.waitFor(async () => {
      const found = await list({ functionName: 'recorder', statuses: ['SUCCEEDED'] })
      expect(found.nodes).toHaveLength(1)
      return found
    }, 10_000)
    expect(nodes[0]).toMatchObject({ type: 'EVENT', source: 'DESTINATION' })
    expect((await read(nodes[0].requestId)).result).toEqual({
      requestId: id,
      functionArn: 'arn:aws:lambda:us-east-1:100000000001:function:recorded:$LATEST',
      condition: 'RetriesExhausted',
      approximateInvokeCount: 1,
    })
  })
})

// Source: recorded fact 117 (LocalStack snapshot tests, Apache-2.0).
describe('an event of a function that is turned off', () => {
  it('goes straight to the dead letters and the destination, with no attempt and no response', async () => {
    await createNodeFunction(client, 'off-recorder', 'export const handler = async (record) => record')
    await create('off', MAY_FAIL, {
      onFailure: { destination: 'arn:aws:lambda:us-east-1:100000000001:function:off-recorder' },
    })
    await client.query(
      'mutation ($input: PutFunctionConcurrencyInput!) { putFunctionConcurrency(input: $input) { userErrors { code } } }',
      { input: { functionName: 'off', reservedConcurrentExecutions: 0 } },
    )
    const id = await enqueue(client, 'off', { n: 1 })
    expect(await done(id)).toMatchObject({ status: 'FAILED', condition: 'ZERO_RESERVED_CONCURRENCY' })
    expect((await letters('off')).nodes).toMatchObject([{ requestId: id }])
    const { nodes } = await vi.waitFor(async () => {
      const found = await list({ functionName: 'off-recorder', statuses: ['SUCCEEDED'] })
      expect(found.nodes).toHaveLength(1)
      return found
    }, 10_000)
    const { result } = await read(nodes[0].requestId)
    expect(result.requestContext).toMatchObject({ condition: 'ZeroReservedConcurrency', approximateInvokeCount: 0 })
    expect(Object.keys(result)).toEqual(['version', 'timestamp', 'requestContext', 'requestPayload'])
  })
})

describe('the list of invocations', () => {
  it('is filtered by function, status, type, source and time, newest first, page by page', async () => {
    await create('filtered', MAY_FAIL)
    const { requestId: synchronous } = await invoke(client, { functionName: 'filtered', payload: { ok: true } })
    const failed = await enqueue(client, 'filtered', {})
    await done(failed)
    const later = new Date(clock.now() + 60_000)
    await clock.advance(120_000)
    const succeeded = await enqueue(client, 'filtered', { ok: true })
    await done(succeeded)
    const ids = async (filter: Readonly<Record<string, unknown>>) =>
      (await list({ functionName: 'filtered', ...filter })).nodes.map(
        ({ requestId }: { requestId: string }) => requestId,
      )
    expect(await ids({})).toEqual([succeeded, failed, synchronous])
    expect(await ids({ statuses: ['FAILED'] })).toEqual([failed])
    expect(await ids({ statuses: ['SUCCEEDED', 'FAILED'], types: ['EVENT'] })).toEqual([succeeded, failed])
    expect(await ids({ types: [] })).toHaveLength(3)
    expect(await ids({ sources: ['REDRIVE'] })).toEqual([])
    expect(await ids({ createdFrom: later.toISOString() })).toEqual([succeeded])
    expect(await ids({ createdBefore: later.toISOString() })).toEqual([failed, synchronous])
    const page = await list({ functionName: 'filtered' }, { first: 2 })
    const rest = await list({ functionName: 'filtered' }, { first: 2, after: page.pageInfo.endCursor })
    expect(rest.nodes.map(({ requestId }: { requestId: string }) => requestId)).toEqual([synchronous])
    expect((await list({ functionName: 'doesnotexist' })).nodes).toEqual([])
  })

  it('finds what waits and what runs', async () => {
    await createNodeFunction(
      client,
      'slow',
      'export const handler = () => new Promise((later) => setTimeout(later, 5_000))',
      {
        timeoutSeconds: 30,
      },
    )
    const id = await enqueue(client, 'slow')
    await vi.waitFor(async () => {
      expect((await list({ statuses: ['RUNNING'] })).nodes).toMatchObject([{ requestId: id, status: 'RUNNING' }])
    }, 10_000)
    expect((await list({ statuses: ['QUEUED'] })).nodes).toEqual([])
  })

  it('refuses a cursor that is none of its own', async () => {
    const after = Buffer.from('invocations:nonsense').toString('base64url')
    const { errors } = await client.query(LIST, { after })
    expect(errors?.[0]?.message).toMatch(/cursor is not one of this connection/)
  })
})
