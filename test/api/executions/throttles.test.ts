import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type DrivenClock, drivenClock } from '../../kit/drivenClock.ts'
import { eventually } from '../../kit/eventually.ts'
import { type GraphqlClient, graphqlClient } from '../../kit/graphqlClient.ts'
import { createMachine, readExecution, untilEnded } from '../../kit/stateMachineDocuments.ts'
import { startTestService, type TestService } from '../../kit/testService.ts'

const THROTTLED = '... on ThrottleError { reason limit retryAfterMs httpStatus }'
const EVENT = 'cursor stateMachineName executionName version functionName requestId invocationType reason limit'
const PASS = { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } }

let clock: DrivenClock
let service: TestService
let client: GraphqlClient

beforeAll(async () => {
  clock = drivenClock(Date.UTC(2026, 10, 20))
  const config = { startRate: { tokens: 2, refillPerSecond: 1 } }
  service = await startTestService({ clock, config })
  client = graphqlClient(service.url, service.token)
})
afterAll(async () => {
  await client.close()
  await service[Symbol.asyncDispose]()
})
/** The bucket is full at the beginning of each test. */
beforeEach(() => clock.advance(10_000))

async function start(
  stateMachineArn: string,
  { name, isSynchronous = false }: { name?: string; isSynchronous?: boolean } = {},
) {
  const field = isSynchronous ? 'startSyncExecution' : 'startExecution'
  const type = isSynchronous ? 'StartSyncExecutionInput!' : 'StartExecutionInput!'
  const { data, errors } = await client.query(
    `mutation ($input: ${type}) { ${field}(input: $input) {
      execution { executionArn name } userErrors { code message field ${THROTTLED} } } }`,
    { input: { stateMachineArn, name, input: {} } },
  )
  expect(errors).toBeUndefined()
  return data[field]
}

/** Empties the bucket of Standard starts. */
async function exhaust(stateMachineArn: string) {
  for (let count = 0; count < 2; count += 1) expect((await start(stateMachineArn)).userErrors).toEqual([])
}

async function throttleEvents() {
  const { data, errors } = await client.query(`{ throttleEvents(first: 100) { nodes { ${EVENT} } } }`)
  expect(errors).toBeUndefined()
  return data.throttleEvents.nodes
}

const RATE_EXCEEDED = {
  code: 'THROTTLING',
  message: 'Rate exceeded',
  field: null,
  reason: 'EXECUTION_START_RATE_EXCEEDED',
  limit: 1,
  retryAfterMs: 1_000,
  httpStatus: 400,
}

describe('starts of executions', () => {
  it('that come faster than the bucket is refilled are refused, until there is a token again', async () => {
    const arn = await createMachine(client, 'hurried', PASS)
    await exhaust(arn)
    expect(await start(arn)).toEqual({ execution: null, userErrors: [RATE_EXCEEDED] })
    await clock.advance(999)
    expect((await start(arn)).userErrors).toMatchObject([{ code: 'THROTTLING', retryAfterMs: 1 }])
    await clock.advance(1)
    expect((await start(arn)).userErrors).toEqual([])
    expect((await start(arn)).userErrors).toEqual([RATE_EXCEEDED])
  })

  it('have a bucket for each kind: Standard, Express and synchronous ones do not get in the way of each other', async () => {
    await exhaust(await createMachine(client, 'standard', PASS))
    const express = await createMachine(client, 'express', PASS, { type: 'EXPRESS' })
    await exhaust(express)
    expect((await start(express)).userErrors).toEqual([RATE_EXCEEDED])
    for (let count = 0; count < 2; count += 1) {
      expect((await start(express, { isSynchronous: true })).userErrors).toEqual([])
    }
    expect((await start(express, { isSynchronous: true })).userErrors).toEqual([RATE_EXCEEDED])
  })

  it('that are refused are throttle events, in the query and the stream of those of functions, which goes on behind any', async () => {
    const arn = await createMachine(client, 'streamed', PASS)
    await exhaust(arn)
    const before = (await throttleEvents()).at(-1)?.cursor ?? ''
    const stream = client.subscribe(`subscription ($after: String) { throttleEvents(after: $after) { ${EVENT} } }`, {
      after: before,
    })
    await start(arn, { name: 'first' })
    await start(arn)
    const live = []
    for await (const { data } of stream) {
      live.push(data.throttleEvents)
      if (live.length === 2) break
    }
    const event = {
      cursor: expect.any(String),
      stateMachineName: 'streamed',
      executionName: 'first',
      version: null,
      functionName: null,
      requestId: null,
      invocationType: null,
      reason: 'EXECUTION_START_RATE_EXCEEDED',
      limit: 1,
    }
    expect(live).toEqual([event, { ...event, executionName: null }])
    expect((await throttleEvents()).slice(-2)).toEqual(live)
    const resumed = client.subscribe(
      'subscription ($after: String) { throttleEvents(after: $after) { cursor executionName functionName } }',
      { after: live[0].cursor },
    )
    for await (const { data } of resumed) {
      expect(data.throttleEvents).toEqual({ cursor: live[1].cursor, executionName: null, functionName: null })
      break
    }
  })

  it('that are refused are counted by state machine and by reason', async () => {
    const from = new Date(clock.now()).toISOString()
    const arn = await createMachine(client, 'counted', PASS)
    await exhaust(arn)
    await start(arn)
    await start(arn)
    const { data, errors } = await client.query(
      `query ($from: DateTime!) {
        byName: throttleCounts(from: $from) { functionName stateMachineName reason count }
        byReason: throttleCounts(from: $from, groupBy: REASON) { stateMachineName reason count } }`,
      { from },
    )
    expect(errors).toBeUndefined()
    expect(data).toEqual({
      byName: [{ functionName: null, stateMachineName: 'counted', reason: null, count: 2 }],
      byReason: [{ stateMachineName: null, reason: 'EXECUTION_START_RATE_EXCEEDED', count: 2 }],
    })
  })

  it('of a version are told apart by it', async () => {
    const arn = await createMachine(client, 'versioned', PASS)
    const { data } = await client.query(
      `mutation ($input: PublishStateMachineVersionInput!) { publishStateMachineVersion(input: $input) {
        version { stateMachineVersionArn } } }`,
      { input: { stateMachineArn: arn } },
    )
    const version = data.publishStateMachineVersion.version.stateMachineVersionArn
    await exhaust(arn)
    await start(version)
    expect((await throttleEvents()).at(-1)).toMatchObject({ stateMachineName: 'versioned', version: '1' })
  })

  it('are refused where a budget that stops is spent, with an event that says so', async () => {
    const arn = await createMachine(client, 'spent', PASS)
    const put = (input: object) =>
      client.query('mutation ($input: PutBudgetInput!) { putBudget(input: $input) { userErrors { code } } }', { input })
    const billed = await createMachine(client, 'billed', PASS, { type: 'EXPRESS' })
    await put({ name: 'hard', amount: '0.000000001', isStopping: true })
    await start(billed)
    await eventually(async () => {
      await clock.advance(5_000)
      expect((await start(arn)).userErrors).toMatchObject([{ reason: 'BUDGET_SPENT' }])
    })
    expect((await throttleEvents()).at(-1)).toMatchObject({ stateMachineName: 'spent', reason: 'BUDGET_SPENT' })
    await put({ name: 'hard', amount: '1', isStopping: true })
    expect((await start(arn)).userErrors).toEqual([])
  })
})

describe('a nested start that is refused', () => {
  const nested = (child: string, more: object, others: object = {}) => ({
    StartAt: 'Nest',
    States: {
      Nest: {
        Type: 'Task',
        Resource: 'arn:aws:states:::states:startExecution',
        Parameters: { StateMachineArn: child, Input: {} },
        End: true,
        ...more,
      },
      ...others,
    },
  })

  it('fails its task with the name and the cause of AWS, which Catch can take', async () => {
    const child = await createMachine(client, 'child', PASS)
    const handlers = [{ ErrorEquals: ['StepFunctions.AWSStepFunctionsException'], Next: 'Caught' }]
    const definition = nested(child, { Catch: handlers }, { Caught: { Type: 'Pass', End: true } })
    const parent = await createMachine(client, 'catches', definition)
    await start(child)
    const { execution } = await start(parent)
    const { status, output } = await untilEnded(client, execution.executionArn)
    expect(status).toBe('SUCCEEDED')
    expect(output).toEqual({
      Error: 'StepFunctions.AWSStepFunctionsException',
      Cause: expect.stringMatching(
        /^Rate exceeded \(Service: AWSStepFunctions; Status Code: 400; Error Code: ThrottlingException; Request ID: /,
      ),
    })
    expect((await throttleEvents()).at(-1)).toMatchObject({ stateMachineName: 'child' })
  })

  it('is tried again by Retry, and then begins', async () => {
    const child = await createMachine(client, 'child-again', PASS)
    const retry = { ErrorEquals: ['StepFunctions.AWSStepFunctionsException'], IntervalSeconds: 2, MaxAttempts: 3 }
    const parent = await createMachine(client, 'retries', nested(child, { Retry: [retry] }))
    await start(child)
    const { execution } = await start(parent)
    await eventually(async () => {
      const { history } = await readExecution(client, execution.executionArn)
      expect(history.nodes.map(({ type }: { type: string }) => type)).toContain('TaskFailed')
    })
    await clock.advance(2_000)
    expect((await untilEnded(client, execution.executionArn)).status).toBe('SUCCEEDED')
  })
})
