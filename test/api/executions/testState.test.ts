import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { firstDifference } from '../../kit/asl/matchesRecording.ts'
import { type RecordedTestState, recordedTestStates, roleOf } from '../../kit/asl/recordedTestStates.ts'
import { type DrivenClock, drivenClock } from '../../kit/drivenClock.ts'
import { type GraphqlClient, graphqlClient } from '../../kit/graphqlClient.ts'
import { createNodeFunction } from '../../kit/invocationDocuments.ts'
import { createMachine } from '../../kit/stateMachineDocuments.ts'
import { startTestService, type TestService } from '../../kit/testService.ts'

const ROLE = 'arn:aws:iam::111111111111:role/test'
const DOCUMENT = `mutation ($input: TestStateInput!) { testState(input: $input) {
  status output error cause nextState userErrors { code message field }
  inspectionData {
    input afterInputPath afterParameters afterArguments result afterResultSelector afterResultPath afterItemsPath
    afterItemSelector afterItemBatcher maxConcurrency toleratedFailureCount toleratedFailurePercentage variables
    errorDetails { catchIndex retryIndex retryBackoffIntervalSeconds }
  }
} }`

let clock: DrivenClock
let service: TestService
let client: GraphqlClient
let accountId: string

beforeAll(async () => {
  clock = drivenClock(Date.UTC(2026, 10, 20))
  service = await startTestService({ clock })
  client = graphqlClient(service.url, service.token)
  accountId = (await client.query('{ viewer { account { accountId } } }')).data.viewer.account.accountId
  await Promise.all(recordedTestStates().flatMap(({ lambdas = [] }) => lambdas.map(deploy)))
  await createNodeFunction(
    client,
    'busy',
    'export const handler = async () => { throw Object.assign(new Error("later"), { name: "Busy" }) }',
  )
  await createNodeFunction(
    client,
    'slow',
    'export const handler = () => new Promise((later) => setTimeout(later, 3_000))',
    {
      timeoutSeconds: 900,
    },
  )
})
afterAll(async () => {
  await client.close()
  await service[Symbol.asyncDispose]()
})

const nameOf = (handlerFile: string) => basename(handlerFile, '.py')
const functionArn = (name: string) => `arn:aws:lambda:us-east-1:${accountId}:function:${name}`

async function deploy({ handlerFile }: { readonly handlerFile: string }): Promise<void> {
  const functionName = nameOf(handlerFile)
  const content = readFileSync(new URL(`../../fixtures/asl/functions/${functionName}.py`, import.meta.url), 'utf8')
  await client.query(
    'mutation ($input: CreateFunctionInput!) { createFunction(input: $input) { userErrors { message } } }',
    {
      input: {
        functionName,
        runtime: 'PYTHON3_11',
        handler: 'handler.handler',
        code: { files: [{ path: 'handler.py', content }] },
      },
    },
  )
}

async function testState(input: object) {
  const { data, errors } = await client.query(DOCUMENT, { input })
  if (data == null) throw new Error(JSON.stringify(errors))
  return data.testState
}

/** A case with its functions as they are called here, in this account. */
function localised(recorded: RecordedTestState): RecordedTestState {
  let text = JSON.stringify(recorded)
  for (const { functionName, handlerFile } of recorded.lambdas ?? []) {
    text = text.replaceAll(functionName, nameOf(handlerFile))
  }
  return JSON.parse(text.replaceAll('111111111111', accountId)) as RecordedTestState
}

/** Without what is null: AWS leaves that out. */
function present(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const members = Object.entries(value).filter(([, member]) => member !== null)
  return Object.fromEntries(members.map(([name, member]) => [name, member]))
}

describe('a state that calls a function answers as AWS recorded it', () => {
  const calling = recordedTestStates().filter(({ lambdas }) => lambdas !== undefined)
  it.each(calling.map((recorded) => [recorded.id, recorded] as const))('%s', async (_id, original) => {
    const recorded = localised(original)
    const { definition, input = {}, request, wildcards = {}, expect: wanted } = recorded
    const { userErrors, ...answer } = await testState({ ...request, definition, input, roleArn: roleOf(recorded) })
    expect(userErrors).toEqual([])
    expect(firstDifference(wanted, present(answer), '', wildcards)).toBeNull()
  })
})

it('a function that fails is retriable, as often as its Retry says', async () => {
  const definition = {
    Type: 'Task',
    Resource: functionArn('busy'),
    Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 2, MaxAttempts: 1 }],
    End: true,
  }
  const input = { definition, roleArn: ROLE, inspectionLevel: 'DEBUG' }
  expect(await testState(input)).toMatchObject({
    status: 'RETRIABLE',
    error: 'Busy',
    output: null,
    inspectionData: { errorDetails: { retryIndex: 0, retryBackoffIntervalSeconds: 2, catchIndex: null } },
  })
  expect(await testState({ ...input, stateConfiguration: { retrierRetryCount: 1 } })).toMatchObject({
    status: 'FAILED',
  })
})

it('a nested execution is really started', async () => {
  const nested = await createMachine(client, 'nested', { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } })
  const definition = {
    Type: 'Task',
    Resource: 'arn:aws:states:::states:startExecution',
    Parameters: { StateMachineArn: nested, Name: 'by-a-test' },
    OutputPath: '$.ExecutionArn',
    End: true,
  }
  const { output, status } = await testState({ definition, roleArn: ROLE })
  expect({ output, status }).toEqual({
    output: nested.replace('stateMachine', 'execution').concat(':by-a-test'),
    status: 'SUCCEEDED',
  })
})

it('time passes: a Wait is left when it is over, and a task that takes too long has timed out', async () => {
  const waiting = testState({ definition: { Type: 'Wait', Seconds: 60, Next: 'B' } })
  const slow = testState({
    definition: { Type: 'Task', Resource: functionArn('slow'), TimeoutSeconds: 60, End: true },
    roleArn: ROLE,
  })
  let left = 2
  const ended = Promise.all([waiting, slow].map((answer) => answer.finally(() => (left -= 1))))
  while (left > 0) await clock.advance(30_000)
  const [first, second] = await ended
  expect(first).toMatchObject({ status: 'SUCCEEDED', nextState: 'B' })
  expect(second).toMatchObject({ status: 'FAILED', error: 'States.Timeout' })
  await untilStopped('slow')
})

/** A function goes on when nobody waits for it any more, until its own time is over. */
async function untilStopped(functionName: string): Promise<void> {
  for (;;) {
    const document = 'query ($name: String!) { function(functionName: $name) { invocations { nodes { status } } } }'
    const { data } = await client.query(document, { name: functionName })
    const statuses: string[] = data.function.invocations.nodes.map(({ status }: { status: string }) => status)
    if (statuses.length > 0 && !statuses.includes('RUNNING') && !statuses.includes('QUEUED')) return
    await clock.advance(60_000)
  }
}

it('what is refused is told with the field that is to blame', async () => {
  const { userErrors, status } = await testState({
    definition: JSON.stringify({ Type: 'Pass', End: true }),
    mock: { result: null },
  })
  expect(status).toBeNull()
  expect(userErrors).toEqual([
    {
      code: 'VALIDATION',
      message: "State type 'Pass' is not supported when a mock is specified",
      field: ['input', 'mock'],
    },
  ])
})
