import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DrivenClock, drivenClock } from '../../kit/drivenClock.ts'
import { type GraphqlClient, graphqlClient } from '../../kit/graphqlClient.ts'
import { createNodeFunction } from '../../kit/invocationDocuments.ts'
import { createMachine, EXECUTION, readExecution, startExecution, untilEnded } from '../../kit/stateMachineDocuments.ts'
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

const ERRORS = 'userErrors { code message field }'
const change = async (field: string, selection: string, input: object) => {
  const type = `${field[0]!.toUpperCase()}${field.slice(1)}Input!`
  const document = `mutation ($input: ${type}) { ${field}(input: $input) { ${selection} ${ERRORS} } }`
  const { data, errors } = await client.query(document, { input })
  expect(errors).toBeUndefined()
  return data[field]
}
const typesOf = ({ history }: { history: { nodes: { type: string }[] } }) => history.nodes.map(({ type }) => type)
const PASS = { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } }

it('a redriven execution goes on with what had not succeeded, and keeps what had', async () => {
  await createNodeFunction(client, 'flaky', 'export const handler = async () => { throw new Error("not yet") }')
  const arn = await createMachine(client, 'redriven', {
    StartAt: 'Both',
    States: {
      Both: {
        Type: 'Parallel',
        Branches: [
          { StartAt: 'Fine', States: { Fine: { Type: 'Pass', Result: 'kept', End: true } } },
          {
            StartAt: 'Flaky',
            States: {
              Flaky: { Type: 'Task', Resource: `arn:aws:lambda:us-east-1:${accountId}:function:flaky`, End: true },
            },
          },
        ],
        End: true,
      },
    },
  })
  const { execution } = await startExecution(client, arn)
  expect(await untilEnded(client, execution.executionArn)).toMatchObject({ status: 'FAILED', error: 'Error' })

  const files = [{ path: 'index.mjs', content: 'export const handler = async () => "now"' }]
  await change('updateFunctionCode', 'function { id }', { functionName: 'flaky', code: { files } })
  const redriven = await change('redriveExecution', `execution { ${EXECUTION} redrivenAt }`, {
    executionArn: execution.executionArn,
  })
  expect(redriven.userErrors).toEqual([])
  expect(redriven.execution.redriveCount).toBe(1)
  const ended = await untilEnded(client, execution.executionArn)
  expect(ended).toMatchObject({ status: 'SUCCEEDED', output: ['kept', 'now'], redriveCount: 1, error: null })
  expect(typesOf(ended)).toContain('ExecutionRedriven')
  expect(typesOf(ended).filter((type) => type === 'PassStateEntered')).toHaveLength(1)

  const again = await change('redriveExecution', 'execution { name }', { executionArn: execution.executionArn })
  expect(again.userErrors[0]).toMatchObject({ code: 'EXECUTION_NOT_REDRIVABLE' })
})

it('a stopped execution ends as ABORTED with the error and cause that are given', async () => {
  const arn = await createMachine(client, 'stopped', {
    StartAt: 'Wait',
    States: { Wait: { Type: 'Wait', Seconds: 3_600, End: true } },
  })
  const { execution } = await startExecution(client, arn)
  const input = { executionArn: execution.executionArn, error: 'Enough', cause: 'of it' }
  const { execution: stopped } = await change('stopExecution', `execution { ${EXECUTION} stoppedAt }`, input)
  expect(stopped).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'of it' })
  expect(stopped.stoppedAt).not.toBeNull()
})

it('a synchronous Express execution is answered with its outcome', async () => {
  const arn = await createMachine(client, 'quick', PASS, { type: 'EXPRESS' })
  const run = () =>
    change('startSyncExecution', `execution { ${EXECUTION} }`, { stateMachineArn: arn, input: { a: 1 } })
  const [one, other] = await Promise.all([run(), run()])
  expect(one.execution).toMatchObject({ status: 'SUCCEEDED', output: { a: 1 } })
  expect(other.execution.executionArn).not.toBe(one.execution.executionArn)
  const standard = await createMachine(client, 'slow', PASS)
  const refused = await change('startSyncExecution', 'execution { name }', { stateMachineArn: standard })
  expect(refused.userErrors[0]).toMatchObject({ code: 'STATE_MACHINE_TYPE_NOT_SUPPORTED' })
})

it('an Express execution ends after five minutes at the latest', async () => {
  const wait = { StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 3_600, End: true } } }
  const arn = await createMachine(client, 'endless', wait, { type: 'EXPRESS' })
  const { execution } = await startExecution(client, arn)
  await clock.advance(5 * 60_000)
  expect(await untilEnded(client, execution.executionArn)).toMatchObject({ status: 'TIMED_OUT' })
})

it('a task waits for its token, lives on by heartbeats, and is told its outcome once', async () => {
  const code = 'export const handler = async ({ token }) => { console.log(token); return null }'
  await createNodeFunction(client, 'ask', code)
  const arn = await createMachine(client, 'approval', {
    StartAt: 'Ask',
    States: {
      Ask: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
        HeartbeatSeconds: 600,
        Parameters: { FunctionName: 'ask', Payload: { 'token.$': '$$.Task.Token' } },
        End: true,
      },
    },
  })
  const { execution } = await startExecution(client, arn)
  const scheduled = await untilEvent(execution.executionArn, 'TaskSubmitted')
  const { parameters } = scheduled.find(({ type }) => type === 'TaskScheduled')!.details
  const { token: taskToken } = JSON.parse(parameters).Payload
  await clock.advance(500_000)
  expect(await change('sendTaskHeartbeat', 'taskToken', { taskToken })).toMatchObject({ taskToken })
  await clock.advance(500_000)
  expect(await readExecution(client, execution.executionArn)).toMatchObject({ status: 'RUNNING' })
  expect(await change('sendTaskSuccess', 'taskToken', { taskToken, output: { yes: true } })).toMatchObject({
    taskToken,
  })
  expect(await untilEnded(client, execution.executionArn)).toMatchObject({ status: 'SUCCEEDED', output: { yes: true } })
  const late = await change('sendTaskSuccess', 'taskToken', { taskToken, output: {} })
  expect(late.userErrors[0]).toMatchObject({ code: 'TASK_TIMED_OUT' })
})

it('a nested execution that is given a token is not waited for, but whoever answers the token', async () => {
  const child = await createMachine(client, 'asked', PASS)
  const arn = await createMachine(client, 'asks', {
    StartAt: 'Ask',
    States: {
      Ask: {
        Type: 'Task',
        Resource: 'arn:aws:states:::states:startExecution.waitForTaskToken',
        Parameters: { StateMachineArn: child, Input: { 'token.$': '$$.Task.Token' } },
        End: true,
      },
    },
  })
  const { execution } = await startExecution(client, arn)
  const scheduled = await untilEvent(execution.executionArn, 'TaskSubmitted')
  const { parameters } = scheduled.find(({ type }) => type === 'TaskScheduled')!.details
  const { token: taskToken } = JSON.parse(parameters).Input
  expect(await readExecution(client, execution.executionArn)).toMatchObject({ status: 'RUNNING' })
  await change('sendTaskSuccess', 'taskToken', { taskToken, output: 'yes' })
  expect(await untilEnded(client, execution.executionArn)).toMatchObject({ status: 'SUCCEEDED', output: 'yes' })
})

it('a task whose heartbeats stay away times out', async () => {
  const arn = await createMachine(client, 'silent', {
    StartAt: 'Ask',
    States: {
      Ask: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
        HeartbeatSeconds: 60,
        Parameters: { FunctionName: 'ask', Payload: { 'token.$': '$$.Task.Token' } },
        End: true,
      },
    },
  })
  const { execution } = await startExecution(client, arn)
  await untilEvent(execution.executionArn, 'TaskSubmitted')
  await clock.advance(61_000)
  expect(await untilEnded(client, execution.executionArn)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' })
})

it('versions never change, and an alias sends each execution to one of its two by weight', async () => {
  const give = (value: string) => ({ StartAt: 'A', States: { A: { Type: 'Pass', Result: value, End: true } } })
  const arn = await createMachine(client, 'weighted', give('one'), { publish: true })
  await change('updateStateMachine', 'version { version }', {
    stateMachineArn: arn,
    definition: give('two'),
    publish: true,
  })
  const { alias } = await change('createStateMachineAlias', 'alias { stateMachineAliasArn }', {
    name: 'live',
    routingConfiguration: [
      { stateMachineVersionArn: `${arn}:1`, weight: 50 },
      { stateMachineVersionArn: `${arn}:2`, weight: 50 },
    ],
  })
  const outputs = await Promise.all(
    Array.from({ length: 40 }, async () => {
      const { execution } = await startExecution(client, alias.stateMachineAliasArn)
      return (await untilEnded(client, execution.executionArn)).output
    }),
  )
  expect(new Set(outputs)).toEqual(new Set(['one', 'two']))
  const { execution } = await startExecution(client, `${arn}:1`)
  expect(await untilEnded(client, execution.executionArn)).toMatchObject({ output: 'one' })
  for (const qualifier of ['3', '99999999999', 'dead']) {
    const { userErrors } = await startExecution(client, `${arn}:${qualifier}`)
    expect(userErrors).toMatchObject([{ code: 'STATE_MACHINE_DOES_NOT_EXIST' }])
  }
})

it('a start is answered with the execution as it was when that was durable', async () => {
  const definition = { StartAt: 'Give', States: { Give: { Type: 'Pass', Result: 'at once', End: true } } }
  const { execution } = await startExecution(client, await createMachine(client, 'immediate', definition))
  expect(execution).toMatchObject({ status: 'SUCCEEDED', output: 'at once', transitions: 1 })
  expect(await readExecution(client, execution.executionArn)).toMatchObject(execution)
})

describe('labels of a state machine', () => {
  const machineOf = (payload: { stateMachine: { tags: object[]; revisionId: string } }) => payload.stateMachine
  const SELECTION = 'stateMachine { tags { key value } revisionId }'

  it('are added, overwritten and removed, and are no part of its revision', async () => {
    const definition = { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } }
    const arn = await createMachine(client, 'labelled', definition, { tags: [{ key: 'team', value: 'a' }] })
    const { data } = await client.query(
      'query ($arn: String!) { stateMachine(stateMachineArn: $arn) { revisionId } }',
      {
        arn,
      },
    )
    const tags = [
      { key: 'team', value: 'b' },
      { key: 'stage', value: '' },
    ]
    const tagged = machineOf(await change('tagStateMachine', SELECTION, { stateMachineArn: 'labelled', tags }))
    expect(tagged.tags).toEqual(expect.arrayContaining(tags))
    const untagged = await change('untagStateMachine', SELECTION, { stateMachineArn: arn, tagKeys: ['team', 'none'] })
    expect(machineOf(untagged)).toEqual({ tags: [{ key: 'stage', value: '' }], ...data.stateMachine })
  })

  it('are fifty at most, whoever adds them at the same time', async () => {
    await createMachine(client, 'crowded', { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } })
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        change('tagStateMachine', 'stateMachine { name }', {
          stateMachineArn: 'crowded',
          tags: [{ key: `key-${n}`, value: '' }],
        }),
      ),
    )
    const refused = answers.filter(({ userErrors }) => userErrors.length > 0)
    expect(refused).toHaveLength(10)
    expect(refused[0].userErrors).toMatchObject([{ message: 'Number of tags exceeds resource tag limit.' }])
  })
})

it('the log of an execution goes as far as the logging level of its state machine', async () => {
  const definition = { StartAt: 'A', States: { A: { Type: 'Fail', Error: 'No', Cause: 'because' } } }
  const arn = await createMachine(client, 'logged', definition, { loggingLevel: 'FATAL' })
  const { execution } = await startExecution(client, arn, { secret: 1 })
  await untilEnded(client, execution.executionArn)
  const log = async (more: object) => {
    const LOG =
      'query ($arn: String!, $after: String) { execution(executionArn: $arn) { log(first: 2, after: $after) { nodes { message } pageInfo { hasNextPage endCursor } } } }'
    const { data } = await client.query(LOG, { arn: execution.executionArn, ...more })
    const { nodes, pageInfo } = data.execution.log
    return { lines: nodes.map(({ message }: { message: string }) => JSON.parse(message)), ...pageInfo }
  }
  expect((await log({})).lines).toMatchObject([{ type: 'ExecutionFailed', execution_arn: execution.executionArn }])
  await change('updateStateMachine', 'stateMachine { name }', {
    stateMachineArn: arn,
    loggingLevel: 'ALL',
    includeExecutionData: true,
  })
  const first = await log({})
  expect(first.lines).toMatchObject([
    { id: '1', type: 'ExecutionStarted', details: { input: '{"secret":1}' } },
    { id: '2', type: 'FailStateEntered', previous_event_id: '0' },
  ])
  expect(first.hasNextPage).toBe(true)
  expect(await log({ after: first.endCursor })).toMatchObject({
    lines: [{ id: '3', type: 'ExecutionFailed' }],
    hasNextPage: false,
  })
  await change('updateStateMachine', 'stateMachine { name }', { stateMachineArn: arn, loggingLevel: 'OFF' })
  expect((await log({})).lines).toEqual([])
})

it('a definition with errors is refused with all of them and their places', async () => {
  const input = { name: 'wrong', definition: { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'Nowhere' } } } }
  const { userErrors } = await change('createStateMachine', 'stateMachine { name }', input)
  expect(userErrors[0]).toMatchObject({ code: 'INVALID_DEFINITION', field: ['input', 'definition'] })
  expect(userErrors[0].message).toMatch(/MISSING_TRANSITION_TARGET.*\/States\/A\/Next/)
})

it('an execution is drawn with what has become of its states', async () => {
  const arn = await createMachine(client, 'drawn', {
    StartAt: 'Good',
    States: { Good: { Type: 'Pass', Next: 'Bad' }, Bad: { Type: 'Fail', Error: 'No' } },
  })
  const { execution } = await startExecution(client, arn)
  await untilEnded(client, execution.executionArn)
  const { data } = await client.query(
    'query ($arn: String!) { execution(executionArn: $arn) { svg: diagram mermaid: diagram(format: MERMAID) } }',
    { arn: execution.executionArn },
  )
  expect(data.execution.svg).toMatch(/^<svg/)
  expect(data.execution.mermaid).toMatch(/Good[\s\S]*SUCCEEDED|succeeded/i)
  expect(data.execution.mermaid).toMatch(/failed/i)
})

it('an execution tells duration, invocations and cost of each of its states', async () => {
  const arn = await createMachine(client, 'costly', {
    StartAt: 'Wait',
    States: {
      Wait: { Type: 'Wait', Seconds: 5, Next: 'Call' },
      Call: {
        Type: 'Task',
        Resource: `arn:aws:lambda:us-east-1:${accountId}:function:flaky`,
        ResultPath: null,
        Next: 'Each',
      },
      Each: { Type: 'Map', ItemProcessor: PASS, End: true },
    },
  })
  const { execution } = await startExecution(client, arn, [1, 2])
  await clock.advance(5_000)
  await untilEnded(client, execution.executionArn)
  const { data } = await client.query(
    `query ($arn: String!) { execution(executionArn: $arn) {
       cost states { name type status visits durationMs invocationCount invocations { requestId cost } cost }
     } }`,
    { arn: execution.executionArn },
  )
  const { states, cost } = data.execution
  expect(states).toMatchObject([
    { name: 'Wait', type: 'Wait', status: 'SUCCEEDED', visits: 1, durationMs: 5_000, invocationCount: 0, cost: '0' },
    { name: 'Call', type: 'Task', status: 'SUCCEEDED', visits: 1, invocationCount: 1 },
    { name: 'Each', type: 'Map', status: 'SUCCEEDED', visits: 1, durationMs: 0 },
    { name: 'A', type: 'Pass', visits: 2 },
  ])
  expect(states[1].cost).toBe(states[1].invocations[0].cost)
  expect(Number(states[1].cost)).toBeGreaterThan(0)
  // Its five state transitions are free.
  expect(cost).toBe(states[1].cost)
})

it('a task may be given any text, a NUL among it', async () => {
  await change('createActivity', 'activity { name }', { name: 'nul' })
  const activityArn = `arn:aws:states:us-east-1:${accountId}:activity:nul`
  const arn = await createMachine(client, 'nul', {
    StartAt: 'Work',
    States: { Work: { Type: 'Task', Resource: activityArn, End: true } },
  })
  const { execution } = await startExecution(client, arn, { text: 'a\0b' })
  const { task } = await change('getActivityTask', 'task { taskToken input }', { activityArn, workerName: 'me' })
  expect(task.input).toEqual({ text: 'a\0b' })
  await change('sendTaskFailure', 'taskToken', { taskToken: task.taskToken, error: 'No', cause: 'a\0b' })
  expect(await untilEnded(client, execution.executionArn)).toMatchObject({ status: 'FAILED', cause: 'a\uFFFDb' })
})

it('what is nested too deep is refused, from a caller and from a function alike', async () => {
  const deep = '['.repeat(2_000) + ']'.repeat(2_000)
  await createNodeFunction(client, 'deep', `export const handler = async () => JSON.parse('${deep}')`)
  const arn = await createMachine(client, 'deep', {
    StartAt: 'Call',
    States: { Call: { Type: 'Task', Resource: `arn:aws:lambda:us-east-1:${accountId}:function:deep`, End: true } },
  })
  const refused = await change('startExecution', 'execution { name }', { stateMachineArn: arn, inputText: deep })
  expect(refused.userErrors[0]).toMatchObject({ code: 'INVALID_EXECUTION_INPUT' })
  const { execution } = await startExecution(client, arn)
  expect(await untilEnded(client, execution.executionArn)).toMatchObject({ status: 'FAILED', error: 'Lambda.Unknown' })
})

it('executions are billed once: transitions behind the free 4,000, Express ones by request and duration', async () => {
  const { data } = await client.query(
    `{ bill { stateTransitions expressExecutions stepFunctionsCost cost }
       ledgerEntries(first: 100) { nodes { type stateMachineName transitions requestCost durationCost billedDurationMs } } }`,
  )
  type Entry = { type: string; stateMachineName: string; transitions: number | null }
  const entries: Entry[] = data.ledgerEntries.nodes
  const redriven = entries.filter(({ stateMachineName }) => stateMachineName === 'redriven')
  // Parallel, Pass and Task; then the task once more.
  expect(redriven.map(({ transitions }) => transitions)).toEqual([3, 1])
  expect(entries.filter(({ stateMachineName }) => stateMachineName === 'quick')).toMatchObject([
    { type: 'EXPRESS_EXECUTION', requestCost: '0.000001', durationCost: '0.000000104', billedDurationMs: 100 },
    { type: 'EXPRESS_EXECUTION' },
  ])
  const sum = entries.reduce((total, { transitions }) => total + (transitions ?? 0), 0)
  expect(data.bill.stateTransitions).toBe(String(sum))
  expect(data.bill.expressExecutions).toBe('3')
})

async function untilEvent(executionArn: string, type: string) {
  const document = 'subscription ($arn: String!) { executionEvents(executionArn: $arn) { type details } }'
  const seen: { type: string; details: { parameters: string } }[] = []
  for await (const { data } of client.subscribe(document, { arn: executionArn })) {
    seen.push(data.executionEvents)
    if (data.executionEvents.type === type) return seen
  }
  throw new Error(`there was no ${type}`)
}
