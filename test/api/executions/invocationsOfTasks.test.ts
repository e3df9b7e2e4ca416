import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type DrivenClock, drivenClock } from '../../kit/drivenClock.ts'
import { type GraphqlClient, graphqlClient } from '../../kit/graphqlClient.ts'
import { createNodeFunction } from '../../kit/invocationDocuments.ts'
import {
  createChain,
  createMachine,
  readExecution,
  startExecution,
  untilEnded,
} from '../../kit/stateMachineDocuments.ts'
import { startTestService, type TestService } from '../../kit/testService.ts'

let clock: DrivenClock
let service: TestService
let client: GraphqlClient
let accountId: string

beforeAll(async () => {
  clock = drivenClock(Date.UTC(2026, 10, 20))
  service = await startTestService({ clock })
  client = graphqlClient(service.url, service.token)
  accountId = (await client.query('{ viewer { account { accountId } } }')).data.viewer.account.accountId
})
afterAll(async () => {
  await client.close()
  await service[Symbol.asyncDispose]()
})

const functionArn = (name: string) => `arn:aws:lambda:us-east-1:${accountId}:function:${name}`

it('invocations of tasks stand in the history where they happened, among those that were asked for', async () => {
  await createNodeFunction(client, 'listed', 'export const handler = async ({ n }) => n')
  const Parameters = { FunctionName: 'listed', 'Payload.$': '$' }
  const arn = await createMachine(client, 'listing', {
    StartAt: 'By ARN',
    States: {
      'By ARN': { Type: 'Task', Resource: functionArn('listed'), ResultPath: '$.answer', Next: 'By call' },
      'By call': { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Parameters, End: true },
    },
  })
  const happened: string[] = []
  for (let n = 0; n < 4; n += 1) {
    const { execution } = await startExecution(client, arn, { n })
    const { history } = await untilEnded(client, execution.executionArn)
    happened.push(
      ...history.nodes.flatMap(
        ({ invocation }: { invocation: { requestId: string } | null }) => invocation?.requestId ?? [],
      ),
    )
    const { data } = await client.query(
      'mutation { invoke(input: { functionName: "listed", payload: {} }) { requestId } }',
    )
    happened.push(data.invoke.requestId)
  }
  const { data } = await client.query('{ function(functionName: "listed") { invocations { nodes { requestId } } } }')
  const listed = data.function.invocations.nodes.map(({ requestId }: { requestId: string }) => requestId)
  expect(listed).toEqual(happened.reverse())
})

it('a function that may run once at a time can be every task of a chain', async () => {
  await createNodeFunction(client, 'single', 'export const handler = async ({ n }) => ({ n: n + 1 })')
  await client.query(
    'mutation { putFunctionConcurrency(input: { functionName: "single", reservedConcurrentExecutions: 1 }) { userErrors { message } } }',
  )
  const arn = await createChain(client, 'one-at-a-time', { Type: 'Task', Resource: functionArn('single') }, 30)
  const { execution } = await startExecution(client, arn, { n: 0 })
  const { status, output, error } = await untilEnded(client, execution.executionArn)
  expect({ status, output, error }).toEqual({ status: 'SUCCEEDED', output: { n: 30 }, error: null })
})

describe('a function whose outcome nobody waits for any more is recorded and billed all the same:', () => {
  const SLOW = 'export const handler = async () => { await new Promise((r) => setTimeout(r, 500)); return 1 }'

  /** Starts the execution, and waits until its function runs. */
  async function begin(name: string, machine: (Resource: string) => object): Promise<string> {
    await createNodeFunction(client, name, SLOW)
    const { execution } = await startExecution(client, await createMachine(client, name, machine(functionArn(name))))
    await vi.waitFor(async () => {
      const { history } = await readExecution(client, execution.executionArn)
      expect(history.nodes.map(({ type }: { type: string }) => type)).toContain('LambdaFunctionStarted')
    })
    return execution.executionArn
  }

  async function expectRecorded(functionName: string): Promise<void> {
    const document = `query ($f: String!) {
      function(functionName: $f) { invocations { nodes { requestId status attempts { cost } } } }
      ledgerEntries(first: 100) { nodes { functionName requestId } }
    }`
    await vi.waitFor(
      async () => {
        const { data } = await client.query(document, { f: functionName })
        const { nodes } = data.function.invocations
        expect(nodes).toMatchObject([{ status: 'SUCCEEDED', attempts: [{}] }])
        const billed = data.ledgerEntries.nodes.filter(
          (entry: { functionName: string }) => entry.functionName === functionName,
        )
        expect(billed).toEqual([{ functionName, requestId: nodes[0].requestId }])
      },
      { timeout: 10_000, interval: 50 },
    )
  }

  it('its execution was stopped', async () => {
    const executionArn = await begin('stopped', (Resource) => ({
      StartAt: 'Slow',
      States: { Slow: { Type: 'Task', Resource, End: true } },
    }))
    await client.query(
      'mutation ($input: StopExecutionInput!) { stopExecution(input: $input) { userErrors { message } } }',
      { input: { executionArn } },
    )
    expect((await untilEnded(client, executionArn)).status).toBe('ABORTED')
    await expectRecorded('stopped')
  })

  it('another node has taken its execution over', async () => {
    await begin('taken-over', (Resource) => ({
      StartAt: 'Slow',
      States: { Slow: { Type: 'Task', Resource, End: true } },
    }))
    await service.database.pool.query(
      `UPDATE execution SET node_id = gen_random_uuid() WHERE state_machine_name = 'taken-over'`,
    )
    await expectRecorded('taken-over')
  })

  it('its task has timed out, and the execution waits for something else', async () => {
    const executionArn = await begin('timed-out', (Resource) => ({
      StartAt: 'Slow',
      States: {
        Slow: {
          Type: 'Task',
          Resource,
          TimeoutSeconds: 1,
          Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'Wait' }],
          End: true,
        },
        Wait: { Type: 'Wait', Seconds: 3_600, End: true },
      },
    }))
    await clock.advance(1_000)
    await expectRecorded('timed-out')
    const { status, currentStates } = await readExecution(client, executionArn)
    expect({ status, currentStates }).toEqual({ status: 'RUNNING', currentStates: ['Wait'] })
  })

  it('another branch has failed', async () => {
    const executionArn = await begin('branch', (Resource) => ({
      StartAt: 'Both',
      States: {
        Both: {
          Type: 'Parallel',
          Branches: [
            { StartAt: 'Slow', States: { Slow: { Type: 'Task', Resource, End: true } } },
            {
              StartAt: 'Wait',
              States: { Wait: { Type: 'Wait', Seconds: 1, Next: 'Fails' }, Fails: { Type: 'Fail', Error: 'Broken' } },
            },
          ],
          End: true,
        },
      },
    }))
    await clock.advance(1_000)
    expect(await untilEnded(client, executionArn)).toMatchObject({ status: 'FAILED', error: 'Broken' })
    await expectRecorded('branch')
  })
})
