import { afterAll, beforeAll, expect, it } from 'vitest'
import { type DrivenClock, drivenClock } from '../../kit/drivenClock.ts'
import { type GraphqlClient, graphqlClient } from '../../kit/graphqlClient.ts'
import { createNodeFunction } from '../../kit/invocationDocuments.ts'
import { createMachine, readExecution, startExecution, untilEnded } from '../../kit/stateMachineDocuments.ts'
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
  await createNodeFunction(client, 'double', 'export const handler = async ({ n }) => ({ n: n * 2 })')
})
afterAll(async () => {
  await client.close()
  await service[Symbol.asyncDispose]()
})

const functionArn = (name: string) => `arn:aws:lambda:us-east-1:${accountId}:function:${name}`

it('an execution calls functions and hands their results on', async () => {
  const arn = await createMachine(client, 'doubling', {
    StartAt: 'First',
    States: {
      First: { Type: 'Task', Resource: functionArn('double'), Next: 'Second' },
      Second: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Parameters: { FunctionName: 'double', 'Payload.$': '$' },
        OutputPath: '$.Payload',
        End: true,
      },
    },
  })
  const { execution, userErrors } = await startExecution(client, arn, { n: 3 })
  expect(userErrors).toEqual([])
  const ended = await untilEnded(client, execution.executionArn)
  expect(ended).toMatchObject({ status: 'SUCCEEDED', output: { n: 12 }, transitions: 2 })
  expect(ended.history.nodes.map(({ type }: { type: string }) => type)).toEqual([
    'ExecutionStarted',
    'TaskStateEntered',
    'LambdaFunctionScheduled',
    'LambdaFunctionStarted',
    'LambdaFunctionSucceeded',
    'TaskStateExited',
    'TaskStateEntered',
    'TaskScheduled',
    'TaskStarted',
    'TaskSucceeded',
    'TaskStateExited',
    'ExecutionSucceeded',
  ])
  const started = ended.history.nodes.filter(({ invocation }: { invocation: unknown }) => invocation !== null)
  expect(started).toHaveLength(2)
})

it('a wait of a month costs a row and goes on when it is over', async () => {
  const arn = await createMachine(client, 'patient', {
    StartAt: 'Wait',
    States: { Wait: { Type: 'Wait', Seconds: 30 * 86_400, Next: 'Done' }, Done: { Type: 'Pass', End: true } },
  })
  const { execution } = await startExecution(client, arn, { n: 1 })
  const { rows } = await service.database.pool.query('SELECT node_id, wake_at FROM execution WHERE name = $1', [
    execution.name,
  ])
  expect(rows[0].node_id).toBeNull()
  expect(await readExecution(client, execution.executionArn)).toMatchObject({
    status: 'RUNNING',
    currentStates: ['Wait'],
  })
  await clock.advance(30 * 86_400_000)
  expect(await untilEnded(client, execution.executionArn)).toMatchObject({ status: 'SUCCEEDED', output: { n: 1 } })
})

it('a name that is taken starts nothing; the same start again gives the execution that runs', async () => {
  const arn = await createMachine(client, 'named', {
    StartAt: 'Wait',
    States: { Wait: { Type: 'Wait', Seconds: 600, End: true } },
  })
  const first = await startExecution(client, arn, { a: 1 }, { name: 'mine' })
  const again = await startExecution(client, arn, { a: 1 }, { name: 'mine' })
  expect(again.execution.executionArn).toBe(first.execution.executionArn)
  const other = await startExecution(client, arn, { a: 2 }, { name: 'mine' })
  expect(other.userErrors[0]).toMatchObject({
    code: 'EXECUTION_ALREADY_EXISTS',
    message: `Execution Already Exists: '${first.execution.executionArn}'`,
  })
})
