import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type GraphqlClient, type GraphqlResult, graphqlClient } from '../kit/graphqlClient.ts'
import { createNodeFunction, enqueue, eventsUntilDone, invoke } from '../kit/invocationDocuments.ts'
import { startTestService, type TestService } from '../kit/testService.ts'

let service: TestService
let client: GraphqlClient

beforeAll(async () => {
  service = await startTestService()
  client = graphqlClient(service.url, service.token)
  const code =
    'export const handler = async ({ lines = 1, name = "line" }) => { for (let i = 0; i < lines; i++) console.log(name, i) }'
  await createNodeFunction(client, 'talker', code, { timeoutSeconds: 30 })
})
afterAll(async () => {
  await client.close()
  await service[Symbol.asyncDispose]()
})

const TAIL = `subscription ($name: String!, $after: String) {
  logTail(functionName: $name, after: $after) { cursor message source requestId logStreamName version }
}`

async function take<Event>(
  events: AsyncIterableIterator<GraphqlResult>,
  field: string,
  until: (event: Event) => boolean,
) {
  const taken: Event[] = []
  for await (const { data, errors } of events) {
    expect(errors).toBeUndefined()
    taken.push(data[field])
    if (until(data[field])) break
  }
  return taken
}

interface Line {
  readonly cursor: string
  readonly message: string
  readonly source: string
  readonly requestId: string | null
}

describe('logTail', () => {
  it('shows a line while the function still runs', async () => {
    const code =
      'export const handler = async () => { console.log("first"); await new Promise((r) => setTimeout(r, 2000)); console.log("second") }'
    await createNodeFunction(client, 'slow-talker', code, { timeoutSeconds: 10 })
    const lines = take<Line>(client.subscribe(TAIL, { name: 'slow-talker', after: '' }), 'logTail', ({ message }) =>
      message.endsWith('first'),
    )
    let isDone = false
    const answer = invoke(client, { functionName: 'slow-talker' }).then(() => {
      isDone = true
    })
    const seen = await lines
    expect(isDone).toBe(false)
    expect(seen.map(({ source }) => source)).toEqual(['PLATFORM', 'PLATFORM', 'STDOUT'])
    expect(seen[0]!.message).toMatch(/^INIT_START Runtime Version: nodejs:20\.v20/)
    expect(seen[0]!.requestId).toBeNull()
    expect(seen[1]!.message).toMatch(/^START RequestId: /)
    await answer
  })

  it('gives every line once and in order, whether it is replayed or live, and goes on behind any cursor', async () => {
    const LAST = /talk 9 39$/
    const isLast = ({ message }: Line) => LAST.test(message)
    const live = take<Line>(client.subscribe(TAIL, { name: 'talker', after: '' }), 'logTail', isLast)
    for (let index = 0; index < 10; index += 1)
      await invoke(client, { functionName: 'talker', payload: { lines: 40, name: `talk ${index}` } })
    const all = await live
    const spoken = all.filter(({ source }) => source === 'STDOUT').map(({ message }) => message.split('\t').at(-1))
    expect(spoken).toEqual(Array.from({ length: 400 }, (_, index) => `talk ${Math.floor(index / 40)} ${index % 40}`))
    for (const begin of [0, 1, 57, all.length - 2]) {
      const rest = await take<Line>(
        client.subscribe(TAIL, { name: 'talker', after: all[begin]!.cursor }),
        'logTail',
        isLast,
      )
      expect(rest).toEqual(all.slice(begin + 1))
    }
  })

  it('gives the same in batches, and goes on behind the cursor of any', async () => {
    const BATCHES = `subscription ($name: String!, $after: String) {
      logTailBatches(functionName: $name, after: $after) { cursor events { cursor message source requestId logStreamName version } }
    }`
    interface Batch {
      readonly cursor: string
      readonly events: readonly Line[]
    }
    const isEnd = ({ message }: Line) => message.includes('Billed Duration')
    const follow = (after: string) =>
      take<Batch>(client.subscribe(BATCHES, { name: 'batched', after }), 'logTailBatches', ({ events }) =>
        events.some(isEnd),
      )
    const code = 'export const handler = async () => { for (let i = 0; i < 300; i++) console.log(i) }'
    await createNodeFunction(client, 'batched', code, { timeoutSeconds: 30 })
    const live = follow('')
    await invoke(client, { functionName: 'batched' })
    const batches = await live
    const lines = await take<Line>(client.subscribe(TAIL, { name: 'batched', after: '' }), 'logTail', isEnd)
    expect(batches.flatMap(({ events }) => events)).toEqual(lines)
    expect(batches.length).toBeLessThan(lines.length / 2)
    for (const { cursor, events } of batches) expect(cursor).toBe(events.at(-1)!.cursor)
    const rest = await follow(lines[100]!.cursor)
    expect(rest.flatMap(({ events }) => events)).toEqual(lines.slice(101))
  })

  it('loses nothing to many subscribers while functions write at the same time', async () => {
    const FUNCTIONS = 3
    const names = Array.from({ length: FUNCTIONS }, (_, index) => `crowd-${index}`)
    for (const name of names) {
      await createNodeFunction(
        client,
        name,
        'export const handler = async ({ from }) => { for (let i = 0; i < 50; i++) console.log(from + i) }',
      )
    }
    const tails = names.flatMap((name) =>
      Array.from({ length: 4 }, () => {
        let count = 0
        return take<Line>(client.subscribe(TAIL, { name, after: '' }), 'logTail', ({ source }) => {
          if (source === 'STDOUT') count += 1
          return count === 250
        })
      }),
    )
    await Promise.all(
      names.flatMap((functionName) =>
        Array.from({ length: 5 }, (_, index) => invoke(client, { functionName, payload: { from: index * 50 } })),
      ),
    )
    for (const lines of await Promise.all(tails)) {
      const numbers = lines
        .filter(({ source }) => source === 'STDOUT')
        .map(({ message }) => Number(message.split('\t').at(-1)))
      expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 250 }, (_, index) => index))
    }
  })

  it('of a function that does not exist is an error that says so', async () => {
    for await (const { errors } of client.subscribe(TAIL, { name: 'nobody' })) {
      expect(errors).toMatchObject([{ extensions: { code: 'RESOURCE_NOT_FOUND' } }])
    }
  })

  it('refuses a cursor that is none', async () => {
    for await (const { errors } of client.subscribe(TAIL, { name: 'talker', after: '!' })) {
      expect(errors).toMatchObject([{ extensions: { code: 'INVALID_PARAMETER_VALUE' } }])
    }
  })
})

describe('invocationEvents', () => {
  it('replays what was, and completes with the last event', async () => {
    const id = await enqueue(client, 'talker')
    const live = await eventsUntilDone(client, id)
    expect(live.map(({ type }) => type)).toEqual(['QUEUED', 'STARTED', 'SUCCEEDED'])
    expect(await eventsUntilDone(client, id)).toEqual(live)
  })
})

describe('billingEvents', () => {
  const BILLS = `subscription ($after: String) {
    billingEvents(after: $after) { cursor functionName requestId attempt memoryMiB billedDurationMs gigabyteSeconds requestCost durationCost cost }
  }`

  it('shows each charge as it is made, and the ledger has the same', async () => {
    const { data } = await client.query('{ ledgerEntries(first: 100) { pageInfo { endCursor } } }')
    const after = data.ledgerEntries.pageInfo.endCursor
    const live = take<{ functionName: string }>(
      client.subscribe(BILLS, { after }),
      'billingEvents',
      ({ functionName }) => functionName === 'billed',
    )
    await createNodeFunction(client, 'billed', 'export const handler = async () => null', { memoryMiB: 1024 })
    const { requestId } = await invoke(client, { functionName: 'billed' })
    const entry = (await live).at(-1)
    expect(entry).toMatchObject({
      functionName: 'billed',
      requestId,
      attempt: 1,
      memoryMiB: 1024,
      billedDurationMs: 100,
      gigabyteSeconds: '0.1',
      requestCost: '0',
      durationCost: '0.000001667',
      cost: '0.000001667',
    })
  })
})

describe('throttleEvents', () => {
  const THROTTLES = `subscription ($after: String) {
    throttleEvents(after: $after) { functionName version invocationType reason limit requestId cursor }
  }`

  it('show who was refused by a limit, and the caller is told 429', async () => {
    await createNodeFunction(
      client,
      'long',
      'export const handler = async () => new Promise((r) => setTimeout(r, 1500))',
    )
    await client.query(
      'mutation { putFunctionConcurrency(input: { functionName: "long", reservedConcurrentExecutions: 1 }) { userErrors { code } } }',
    )
    const live = take<{ reason: string }>(client.subscribe(THROTTLES, { after: '' }), 'throttleEvents', () => true)
    const answers = await Promise.all([1, 2].map(() => invoke(client, { functionName: 'long' })))
    const refused = answers.filter(({ userErrors }) => userErrors.length > 0)
    expect(refused).toHaveLength(1)
    expect(refused[0].userErrors).toEqual([
      {
        code: 'TOO_MANY_REQUESTS',
        message: 'Rate Exceeded.',
        field: null,
        reason: 'RESERVED_FUNCTION_CONCURRENT_INVOCATION_LIMIT_EXCEEDED',
        limit: 1,
        retryAfterMs: 1000,
        httpStatus: 429,
      },
    ])
    expect((await live)[0]).toMatchObject({
      functionName: 'long',
      version: '$LATEST',
      invocationType: 'REQUEST_RESPONSE',
      reason: 'RESERVED_FUNCTION_CONCURRENT_INVOCATION_LIMIT_EXCEEDED',
      limit: 1,
    })
    const { data } = await client.query('{ throttleEvents { nodes { functionName } } }')
    expect(data.throttleEvents.nodes).toEqual([{ functionName: 'long' }])
  })
})
