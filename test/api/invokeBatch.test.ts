import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../kit/eventually.ts'
import { type GraphqlClient, graphqlClient } from '../kit/graphqlClient.ts'
import { createNodeFunction, eventsUntilDone } from '../kit/invocationDocuments.ts'
import { startTestService, type TestService } from '../kit/testService.ts'

let service: TestService
let client: GraphqlClient

beforeAll(async () => {
  service = await startTestService()
  client = graphqlClient(service.url, service.token)
  await createNodeFunction(
    client,
    'listed',
    'export const handler = async (event) => console.log(JSON.stringify(event))',
  )
})
afterAll(async () => {
  await client.close()
  await service[Symbol.asyncDispose]()
})

const INVOKE_BATCH = `mutation ($input: InvokeBatchInput!) {
  invokeBatch(input: $input) { requestIds userErrors { code message field } }
}`

async function invokeBatch(input: Readonly<Record<string, unknown>>) {
  const { data, errors } = await client.query(INVOKE_BATCH, { input })
  expect(errors).toBeUndefined()
  return data.invokeBatch as { requestIds: string[]; userErrors: { code: string; message: string; field: string[] }[] }
}

async function eventCount(): Promise<number> {
  const { data } = await client.query(
    '{ function(functionName: "listed") { invocations(first: 100) { nodes { requestId type } } } }',
  )
  return data.function.invocations.nodes.length
}

describe('a batch of events', () => {
  it('is accepted whole: each is an event of its own, and the ids are in the order of the events', async () => {
    const payloads = [{ n: 0 }, [1], 'two', 3, null]
    const { requestIds, userErrors } = await invokeBatch({ functionName: 'listed', payloads })
    expect(userErrors).toEqual([])
    expect(new Set(requestIds).size).toBe(payloads.length)
    for (const [index, id] of requestIds.entries()) {
      const events = await eventsUntilDone(client, id)
      expect(events.map(({ type }) => type)).toEqual(['QUEUED', 'STARTED', 'SUCCEEDED'])
      const { data } = await client.query(
        'query ($id: String!) { invocation(requestId: $id) { type attempts { billedDurationMs } logEvents { nodes { source message } } } }',
        { id },
      )
      expect(data.invocation).toMatchObject({ type: 'EVENT', attempts: [{ billedDurationMs: 100 }] })
      const said = data.invocation.logEvents.nodes.filter(({ source }: { source: string }) => source === 'STDOUT')
      expect(said.map(({ message }: { message: string }) => message.split('\t').at(-1))).toEqual([
        JSON.stringify(payloads[index]),
      ])
    }
  })

  it('is refused whole where one event is too large, and says which', async () => {
    const before = await eventCount()
    const payloads = ['small', 'x'.repeat(1024 * 1024), 'small']
    expect(await invokeBatch({ functionName: 'listed', payloads })).toEqual({
      requestIds: [],
      userErrors: [
        {
          code: 'REQUEST_TOO_LARGE',
          message: '1048578 byte payload is too large for the Event invocation type (limit 1048576 bytes)',
          field: ['input', 'payloads', '1'],
        },
      ],
    })
    expect(await eventCount()).toBe(before)
  })

  it.each([
    ['no event', [], 'INVALID_PARAMETER_VALUE', 'A batch has 1 to 1000 events, not 0. Please send several batches.'],
    [
      'more than 1,000 events',
      Array.from({ length: 1001 }, () => 1),
      'INVALID_PARAMETER_VALUE',
      'A batch has 1 to 1000 events, not 1001. Please send several batches.',
    ],
    [
      'more than 6 MB together',
      Array.from({ length: 7 }, () => 'x'.repeat(1_000_000)),
      'REQUEST_TOO_LARGE',
      'The events have 7000014 bytes together (limit 6291456 bytes). Please send several batches.',
    ],
  ])('with %s is refused', async (_what, payloads, code, message) => {
    expect(await invokeBatch({ functionName: 'listed', payloads })).toEqual({
      requestIds: [],
      userErrors: [{ code, message, field: ['input', 'payloads'] }],
    })
  })

  it('for a function that there is not is refused', async () => {
    expect(await invokeBatch({ functionName: 'nobody', payloads: [1] })).toMatchObject({
      requestIds: [],
      userErrors: [{ code: 'RESOURCE_NOT_FOUND' }],
    })
  })

  it('of 1,000 events runs each of them once', async () => {
    await createNodeFunction(client, 'thousand', 'export const handler = async () => {}')
    const { requestIds } = await invokeBatch({
      functionName: 'thousand',
      payloads: Array.from({ length: 1000 }, (_, n) => n),
    })
    expect(new Set(requestIds).size).toBe(1000)
    await eventually(async () => {
      const { data } = await client.query('{ bill { lines(groupBy: FUNCTION) { nodes { key requests } } } }')
      const lines = data.bill.lines.nodes as { key: string; requests: string }[]
      expect(lines.find(({ key }) => key === 'thousand')).toMatchObject({ requests: '1000' })
    })
  })
})
