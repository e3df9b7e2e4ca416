import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type DrivenClock, drivenClock } from '../kit/drivenClock.ts'
import { eventually } from '../kit/eventually.ts'
import { type GraphqlClient, graphqlClient } from '../kit/graphqlClient.ts'
import { createNodeFunction, enqueue, eventsUntilDone, invoke } from '../kit/invocationDocuments.ts'
import { startTestService, type TestService } from '../kit/testService.ts'

const CANCEL = `mutation ($id: String!) {
  cancelInvocation(input: { requestId: $id }) { invocation { status finishedAt } userErrors { code message } }
}`
const READ = 'query ($id: String!) { invocation(requestId: $id) { status attempts { outcome } } }'
const FAILS = 'export const handler = async () => { throw new Error("no") }'
const FAILS_SLOWLY =
  'export const handler = async () => { await new Promise((r) => setTimeout(r, 400)); throw new Error("no") }'
const WAITS = 'export const handler = async () => { await new Promise((r) => setTimeout(r, 1500)); return "done" }'

let clock: DrivenClock
let service: TestService
let client: GraphqlClient

beforeAll(async () => {
  clock = drivenClock(Date.now())
  service = await startTestService({ clock })
  client = graphqlClient(service.url, service.token)
  await createNodeFunction(client, 'failing', FAILS)
  await createNodeFunction(client, 'failing-slowly', FAILS_SLOWLY)
  await createNodeFunction(client, 'waiting', WAITS)
})
afterAll(async () => {
  await client.close()
  await service[Symbol.asyncDispose]()
})

const cancel = async (id: string) => (await client.query(CANCEL, { id })).data.cancelInvocation
const read = async (id: string) => (await client.query(READ, { id })).data.invocation
const refusal = (id: string) => ({
  invocation: null,
  userErrors: [
    {
      code: 'RESOURCE_CONFLICT',
      message: `Invocation ${id} runs or is done. Only one that waits for an attempt can be cancelled.`,
    },
  ],
})

async function untilItWaitsForItsRetry(id: string): Promise<void> {
  await eventually(async () => expect(await read(id)).toEqual({ status: 'QUEUED', attempts: [{ outcome: 'FAILED' }] }))
}

describe('cancelling an invocation', () => {
  it('that waits ends it: its stream completes, and no further attempt is made', async () => {
    const id = await enqueue(client, 'failing')
    const events = eventsUntilDone(client, id)
    await untilItWaitsForItsRetry(id)
    expect(await cancel(id)).toMatchObject({ invocation: { status: 'CANCELLED' }, userErrors: [] })
    expect((await events).map(({ type }) => type)).toEqual(['QUEUED', 'STARTED', 'RETRY_SCHEDULED', 'CANCELLED'])
    await clock.advance(3_600_000)
    expect(await read(id)).toEqual({ status: 'CANCELLED', attempts: [{ outcome: 'FAILED' }] })
    expect(await cancel(id)).toEqual(refusal(id))
  })

  it('that runs is refused, and it goes on', async () => {
    const id = await enqueue(client, 'waiting')
    await eventually(async () => expect((await read(id)).status).toBe('RUNNING'))
    expect(await cancel(id)).toEqual(refusal(id))
    await vi.waitFor(async () => expect((await read(id)).status).toBe('SUCCEEDED'), { timeout: 10_000 })
  })

  it('that was synchronous, or that nobody made, is refused', async () => {
    const { requestId } = await invoke(client, { functionName: 'failing' })
    expect(await cancel(requestId)).toEqual(refusal(requestId))
    const nobody = '019aaaaa-0000-7000-8000-000000000000'
    expect((await cancel(nobody)).userErrors).toMatchObject([{ code: 'RESOURCE_NOT_FOUND' }])
  })

  it('at the moment of its next attempt either cancels it or is refused, and never both', async () => {
    for (let round = 0; round < 5; round += 1) {
      const id = await enqueue(client, 'failing-slowly')
      await untilItWaitsForItsRetry(id)
      const [{ userErrors }] = await Promise.all([cancel(id), clock.advance(60_000)])
      const isCancelled = userErrors.length === 0
      await eventually(async () => {
        const { status, attempts } = await read(id)
        expect({ status, count: attempts.length }).toEqual(
          isCancelled ? { status: 'CANCELLED', count: 1 } : { status: 'QUEUED', count: 2 },
        )
      })
    }
  })
})
