import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { type DrivenClock, drivenClock } from '../../kit/drivenClock.ts'
import { eventually } from '../../kit/eventually.ts'
import { type GraphqlClient, graphqlClient } from '../../kit/graphqlClient.ts'
import { joinService } from '../../kit/joinService.ts'
import { createMachine, readExecution, untilEnded } from '../../kit/stateMachineDocuments.ts'
import { startTestService, type TestService } from '../../kit/testService.ts'

const LIMIT = 3
const THROTTLED = '... on ThrottleError { reason limit retryAfterMs httpStatus }'
const REFUSED = {
  code: 'EXECUTION_LIMIT_EXCEEDED',
  message:
    'The maximum number of running executions has been reached. Running executions must end or be stopped before a new execution can be started.',
  reason: 'OPEN_EXECUTION_LIMIT_EXCEEDED',
  limit: LIMIT,
  retryAfterMs: 1_000,
  httpStatus: 400,
}
const WAIT = { StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 3_600, End: true } } }
const PASS = { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } }

let clock: DrivenClock
let service: TestService
let client: GraphqlClient
let waiting: string

beforeAll(async () => {
  clock = drivenClock(Date.UTC(2026, 10, 20))
  service = await startTestService({ clock, config: { openExecutionLimit: LIMIT } })
  client = graphqlClient(service.url, service.token)
  waiting = await createMachine(client, 'waiting', WAIT)
})
afterAll(async () => {
  await client.close()
  await service[Symbol.asyncDispose]()
})

/** Nothing is open between the tests, and the number that is kept is the one that is true. */
afterEach(async () => {
  for (const executionArn of await running()) await change('stopExecution', 'execution { status }', { executionArn })
  const { rows } = await service.database.pool.query('SELECT sum(count)::int AS count FROM open_executions')
  expect(rows[0].count).toBe(0)
})

async function change(field: string, selection: string, input: object, by = client) {
  const type = `${field[0]!.toUpperCase()}${field.slice(1)}Input!`
  const errorFields = `userErrors { code message ${THROTTLED} }`
  const { data, errors } = await by.query(
    `mutation ($input: ${type}) { ${field}(input: $input) { ${selection} ${errorFields} } }`,
    { input },
  )
  expect(errors).toBeUndefined()
  return data[field]
}

const start = (stateMachineArn: string, more: object = {}, by = client) =>
  change('startExecution', 'execution { executionArn name }', { stateMachineArn, input: {}, ...more }, by)

async function fill(count = LIMIT) {
  for (let index = 0; index < count; index += 1) expect((await start(waiting)).userErrors).toEqual([])
}

async function running(): Promise<string[]> {
  const { data } = await client.query('{ executions(status: RUNNING, first: 100) { nodes { executionArn } } }')
  return data.executions.nodes.map(({ executionArn }: { executionArn: string }) => executionArn)
}

async function latestThrottle() {
  const { data } = await client.query(
    '{ throttleEvents(first: 100) { nodes { stateMachineName executionName functionName reason limit } } }',
  )
  return data.throttleEvents.nodes.at(-1)
}

it('of a crowd on two nodes at once exactly as many begin as there is room for', async () => {
  // The clock stands still meanwhile, so that neither node takes the other one for dead.
  const second = await joinService(service, clock)
  const clients = [client, graphqlClient(second.url, service.token)]
  for (const room of [LIMIT, 1, 2]) {
    await fill(LIMIT - room)
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => start(waiting, {}, clients[index % 2]!)))
    expect(answers.filter(({ execution }) => execution !== null)).toHaveLength(room)
    expect(await running()).toHaveLength(LIMIT)
    for (const executionArn of await running()) await change('stopExecution', 'execution { status }', { executionArn })
  }
  await clients[1]!.close()
  await second.stop()
})

it('as many executions are open as may be: one more is refused in the words of AWS, until one has ended', async () => {
  await fill()
  expect(await start(waiting, { name: 'beyond' })).toEqual({ execution: null, userErrors: [REFUSED] })
  expect(await latestThrottle()).toEqual({
    stateMachineName: 'waiting',
    executionName: 'beyond',
    functionName: null,
    reason: 'OPEN_EXECUTION_LIMIT_EXCEEDED',
    limit: LIMIT,
  })
  const [open] = await running()
  await change('stopExecution', 'execution { status }', { executionArn: open })
  expect((await start(waiting, { name: 'beyond' })).userErrors).toEqual([])
  expect((await start(waiting)).userErrors).toEqual([REFUSED])
})

it('one that would end as soon as it begins is refused too', async () => {
  const quick = await createMachine(client, 'quick', PASS)
  await fill(LIMIT - 1)
  for (let count = 0; count < 5; count += 1) expect((await start(quick)).userErrors).toEqual([])
  await fill(1)
  expect((await start(quick)).userErrors).toEqual([REFUSED])
})

it('Express executions and children of Map Runs are not counted', async () => {
  const express = await createMachine(client, 'express', WAIT, { type: 'EXPRESS' })
  const processor = { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, ...PASS }
  const map = await createMachine(client, 'map', {
    StartAt: 'Each',
    States: { Each: { Type: 'Map', ItemProcessor: processor, End: true } },
  })
  await fill(LIMIT - 1)
  const { execution } = await start(map, { input: [1, 2, 3, 4, 5] })
  expect((await untilEnded(client, execution.executionArn)).status).toBe('SUCCEEDED')
  await fill(1)
  const { execution: begun } = await start(express)
  await clock.advance(5 * 60_000)
  expect((await untilEnded(client, begun.executionArn)).status).toBe('TIMED_OUT')
})

it('who asks again for one that is open gets it, though there is no room for another', async () => {
  const { execution } = await start(waiting, { name: 'same' })
  await fill(LIMIT - 1)
  expect(await start(waiting, { name: 'same' })).toEqual({ execution, userErrors: [] })
  expect((await start(waiting, { name: 'same', input: { a: 1 } })).userErrors).toEqual([REFUSED])
})

it('a redrive opens an execution, and is refused where there is no room', async () => {
  const { execution } = await start(waiting, { name: 'redriven' })
  const { executionArn } = execution
  await change('stopExecution', 'execution { status }', { executionArn })
  await fill()
  const redrive = () => change('redriveExecution', 'execution { status }', { executionArn })
  expect(await redrive()).toEqual({ execution: null, userErrors: [REFUSED] })
  expect(await latestThrottle()).toMatchObject({ stateMachineName: 'waiting', executionName: 'redriven' })
  const [open] = await running()
  await change('stopExecution', 'execution { status }', { executionArn: open })
  expect(await redrive()).toEqual({ execution: { status: 'RUNNING' }, userErrors: [] })
  expect((await start(waiting)).userErrors).toEqual([REFUSED])
  expect((await redrive()).userErrors).toMatchObject([{ code: 'EXECUTION_NOT_REDRIVABLE' }])
})

it('a nested start that is refused fails its task with the name that AWS tells to retry', async () => {
  const definition = {
    StartAt: 'Nest',
    States: {
      Nest: {
        Type: 'Task',
        Resource: 'arn:aws:states:::states:startExecution',
        Parameters: { StateMachineArn: waiting, Input: {} },
        Retry: [{ ErrorEquals: ['StepFunctions.ExecutionLimitExceeded'], IntervalSeconds: 2 }],
        End: true,
      },
    },
  }
  await fill(LIMIT - 1)
  const { execution } = await start(await createMachine(client, 'nests', definition))
  await eventually(async () => {
    const { history } = await readExecution(client, execution.executionArn)
    const failure = history.nodes.find(({ type }: { type: string }) => type === 'TaskFailed')
    expect(failure?.details).toMatchObject({
      error: 'StepFunctions.ExecutionLimitExceeded',
      cause: expect.stringMatching(
        /^The maximum number .* started\. \(Service: AWSStepFunctions; Status Code: 400; Error Code: ExecutionLimitExceeded; /,
      ),
    })
  })
  const [open] = (await running()).filter((arn) => arn !== execution.executionArn)
  await change('stopExecution', 'execution { status }', { executionArn: open })
  await clock.advance(2_000)
  expect((await untilEnded(client, execution.executionArn)).status).toBe('SUCCEEDED')
})
