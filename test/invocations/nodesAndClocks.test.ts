import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Clock, systemClock } from '../../src/model/clock.ts'
import { type GraphqlClient, graphqlClient } from '../kit/graphqlClient.ts'
import { createNodeFunction, enqueue, eventsUntilDone } from '../kit/invocationDocuments.ts'
import { joinService, type TestNode } from '../kit/joinService.ts'
import { createMachine, readExecution, startExecution, untilEnded } from '../kit/stateMachineDocuments.ts'
import { startTestService, type TestService } from '../kit/testService.ts'

let service: TestService
let client: GraphqlClient

beforeAll(async () => {
  service = await startTestService()
  client = graphqlClient(service.url, service.token)
  const SLOW = 'export const handler = async () => { await new Promise((r) => setTimeout(r, 1_500)); return "done" }'
  await createNodeFunction(client, 'slow', SLOW)
})
afterAll(async () => {
  await client.close()
  await service[Symbol.asyncDispose]()
})

const system = systemClock()
const AHEAD_MS = 86_400_000
/** A clock that is a day fast, as that of a machine that nobody sets, or of a node that began its scaled time earlier. */
const fast: Clock = {
  now: () => system.now() + AHEAD_MS,
  schedule: (atMs, action) => system.schedule(atMs - AHEAD_MS, action),
}

describe('what a node runs is not taken from it by another one whose clock is fast:', () => {
  async function whileAnotherJoins(
    isRunning: () => Promise<boolean>,
    end: (other: TestNode) => Promise<void>,
  ): Promise<void> {
    await vi.waitFor(async () => expect(await isRunning()).toBe(true), { timeout: 10_000, interval: 20 })
    const other = await joinService(service, fast)
    try {
      await end(other)
    } finally {
      await other.stop()
    }
  }

  it('an event', async () => {
    const id = await enqueue(client, 'slow')
    const isRunning = async () => {
      const { data } = await client.query('query ($id: String!) { invocation(requestId: $id) { status } }', { id })
      return data.invocation.status === 'RUNNING'
    }
    await whileAnotherJoins(isRunning, async () => {
      const types = (await eventsUntilDone(client, id)).map(({ type }) => type)
      expect(types).toEqual(['QUEUED', 'STARTED', 'SUCCEEDED'])
    })
  })

  it('an execution', async () => {
    const arn = await createMachine(client, 'slow', {
      StartAt: 'Slow',
      States: {
        Slow: { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:100000000001:function:slow', End: true },
      },
    })
    const { execution } = await startExecution(client, arn)
    const isRunning = async () => {
      const { history } = await readExecution(client, execution.executionArn)
      return history.nodes.some(({ type }: { type: string }) => type === 'LambdaFunctionStarted')
    }
    await whileAnotherJoins(isRunning, async () => {
      expect(await untilEnded(client, execution.executionArn)).toMatchObject({ status: 'SUCCEEDED', output: 'done' })
    })
  })

  it('an invocation with an idempotency key', async () => {
    const document = `mutation { invoke(input: { functionName: "slow", idempotencyKey: "once" }) {
      statusCode userErrors { code } } }`
    const first = client.query(document)
    const isRunning = async () =>
      (await service.database.pool.query(`SELECT FROM invocation_key WHERE key = 'once'`)).rowCount === 1
    await whileAnotherJoins(isRunning, async (other) => {
      const otherClient = graphqlClient(other.url, service.token)
      const again = await otherClient.query(document)
      await otherClient.close()
      expect(again.data.invoke.userErrors).toEqual([{ code: 'RESOURCE_CONFLICT' }])
      expect((await first).data.invoke.statusCode).toBe(200)
    })
  })
})
