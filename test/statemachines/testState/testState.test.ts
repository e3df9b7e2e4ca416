import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src/statemachines/data/json.ts'
import type { TaskOrder } from '../../../src/statemachines/engine/taskOrder.ts'
import { awsApiResults } from '../../../src/statemachines/testState/mockedResults/awsApiResults.ts'
import { type TestWorld, testState } from '../../../src/statemachines/testState/testState.ts'
import {
  type Mock,
  NO_CONFIGURATION,
  type TestStateRequest,
} from '../../../src/statemachines/testState/testStateRequest.ts'

const START_MS = Date.UTC(2026, 10, 20)
const FUNCTION = 'arn:aws:lambda:us-east-1:111111111111:function:f'

function worldOf(more: Partial<TestWorld> = {}): TestWorld {
  return {
    facts: {
      executionArn: 'arn:aws:states:us-east-1:111111111111:express:machine:run',
      name: 'run',
      stateMachineArn: 'arn:aws:states:us-east-1:111111111111:stateMachine:machine',
      stateMachineName: 'machine',
      accountId: '111111111111',
      region: 'us-east-1',
      startedAtMs: START_MS,
    },
    seed: 7,
    results: awsApiResults,
    perform: () => Promise.reject(new Error('a task is called')),
    sleep: () => Promise.reject(new Error('something is waited for')),
    ...more,
  }
}

function test(definition: object, request: Partial<TestStateRequest> = {}, world: Partial<TestWorld> = {}) {
  return testState(
    {
      definition: JSON.stringify(definition),
      stateName: null,
      roleArn: 'arn:aws:iam::111111111111:role/role',
      input: {},
      variables: {},
      context: undefined,
      inspectionLevel: 'DEBUG',
      revealSecrets: false,
      mock: null,
      stateConfiguration: NO_CONFIGURATION,
      ...request,
    },
    worldOf(world),
  )
}

const result = (value: Json): Mock => ({ result: value, errorOutput: null, fieldValidationMode: 'STRICT' })
const error = (name: string): Mock => ({
  result: undefined,
  errorOutput: { error: name, cause: 'why' },
  fieldValidationMode: 'STRICT',
})

const PROCESSOR = { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } }
const DISTRIBUTED = { ...PROCESSOR, ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } }

describe('a task without a mock', () => {
  const task = { Type: 'Task', Resource: FUNCTION, End: true }

  it('is carried out, and its result goes through the state', async () => {
    const orders: TaskOrder[] = []
    const perform: TestWorld['perform'] = async (order) => {
      orders.push(order)
      return { kind: 'TASK_SUCCEEDED', taskId: 1, output: { n: 2 } }
    }
    const state = { ...task, Parameters: { 'm.$': '$.n' }, ResultPath: '$.result', OutputPath: '$.result.n' }
    const answer = await test(state, { input: { n: 1 } }, { perform })
    expect(orders).toEqual([{ kind: 'FUNCTION', functionArn: FUNCTION, input: { m: 1 }, timeoutSeconds: null }])
    expect(answer).toMatchObject({ status: 'SUCCEEDED', output: 2, nextState: null })
    expect(answer.inspectionData).toEqual({
      input: { n: 1 },
      afterInputPath: { n: 1 },
      afterParameters: { m: 1 },
      result: { n: 2 },
      afterResultSelector: { n: 2 },
      afterResultPath: { n: 1, result: { n: 2 } },
    })
  })

  it('ends with States.Timeout when it takes longer than it may, and never longer than five minutes', async () => {
    const given: number[] = []
    const perform: TestWorld['perform'] = async (_order, withinMs) => {
      given.push(withinMs)
      return null
    }
    const state = { ...task, Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'Late' }] }
    expect(await test({ ...state, TimeoutSeconds: 4 }, {}, { perform })).toMatchObject({
      status: 'CAUGHT_ERROR',
      error: 'States.Timeout',
      nextState: 'Late',
    })
    await test(state, {}, { perform })
    expect(given).toEqual([4_000, 300_000])
  })

  it.each([
    'arn:aws:states:us-east-1:111111111111:activity:work',
    'arn:aws:states:::states:startExecution.sync:2',
    'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
  ])('is refused where calling it does not tell how it ends: %s', async (resource) => {
    await expect(test({ ...task, Resource: resource })).rejects.toThrow('when a mock is specified')
    const mocked = await test(
      { ...task, Resource: resource },
      { mock: { ...result({ a: 1 }), fieldValidationMode: 'NONE' } },
    )
    expect(mocked).toMatchObject({ status: 'SUCCEEDED', output: { a: 1 } })
  })
})

describe('a Wait', () => {
  it('is really waited for', async () => {
    const waits: number[] = []
    const sleep = async (ms: number) => {
      waits.push(ms)
    }
    const state = { Type: 'Wait', Seconds: 90, Next: 'B' }
    expect(await test(state, {}, { sleep })).toMatchObject({ status: 'SUCCEEDED', nextState: 'B' })
    expect(await test({ ...state, Seconds: 301 }, {}, { sleep })).toMatchObject({
      status: 'FAILED',
      error: 'States.Timeout',
    })
    expect(waits).toEqual([90_000, 300_000])
  })
})

describe('an error', () => {
  const task = {
    Type: 'Task',
    Resource: FUNCTION,
    Retry: [{ ErrorEquals: ['Other'] }, { ErrorEquals: ['Busy'], MaxAttempts: 2, IntervalSeconds: 3, BackoffRate: 2 }],
    Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Handle', ResultPath: '$.error' }],
    End: true,
  }
  const retried = (retrierRetryCount: number) => ({
    mock: error('Busy'),
    stateConfiguration: { ...NO_CONFIGURATION, retrierRetryCount },
  })

  it('is retriable as long as the retrier that is meant has an attempt left, and then is caught', async () => {
    expect(await test(task, retried(1))).toMatchObject({
      status: 'RETRIABLE',
      error: 'Busy',
      cause: 'why',
      output: undefined,
      inspectionData: { errorDetails: { retryIndex: 1, retryBackoffIntervalSeconds: 6 } },
    })
    expect(await test(task, { ...retried(2), input: { a: 1 } })).toMatchObject({
      status: 'CAUGHT_ERROR',
      nextState: 'Handle',
      output: { a: 1, error: { Error: 'Busy', Cause: 'why' } },
      inspectionData: { errorDetails: { retryIndex: 1, catchIndex: 0 } },
    })
  })

  it('that a catcher fails on is not a caught one', async () => {
    const state = { ...task, Retry: [], Catch: [{ ...task.Catch[0], ResultPath: '$.a.b' }] }
    const answer = await test(state, { mock: error('Busy'), input: { a: 'text' } })
    expect(answer).toMatchObject({ status: 'FAILED', output: undefined, nextState: null })
    expect(answer.inspectionData).not.toHaveProperty('errorDetails')
  })

  it('ends a Parallel as if one of its branches had it', async () => {
    const state = { Type: 'Parallel', Branches: [PROCESSOR], Catch: task.Catch, End: true }
    const stateConfiguration = { ...NO_CONFIGURATION, errorCausedByState: 'A' }
    expect(await test(state, { mock: error('Broken'), stateConfiguration })).toMatchObject({
      status: 'CAUGHT_ERROR',
      error: 'Broken',
      nextState: 'Handle',
    })
    await expect(
      test(state, { mock: error('Broken'), stateConfiguration: { ...stateConfiguration, errorCausedByState: 'Z' } }),
    ).rejects.toThrow('errorCausedByState')
  })
})

describe('variables', () => {
  it('can be read, and are shown as the state leaves them', async () => {
    const state = {
      Type: 'Pass',
      QueryLanguage: 'JSONata',
      Output: '{% $a + 1 %}',
      Assign: { b: '{% $a %}' },
      End: true,
    }
    const answer = await test(state, { variables: { a: 1 } })
    expect(answer).toMatchObject({ status: 'SUCCEEDED', output: 2, inspectionData: { variables: { a: 1, b: 1 } } })
  })
})

describe('a context object', () => {
  it('stands for the one that there would be; a task token that it has not is made', async () => {
    const state = {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      QueryLanguage: 'JSONata',
      Arguments: { MessageBody: '{% $states.context %}' },
      End: true,
    }
    const context = { Execution: { Name: 'mine' } }
    const asked = async (given: Json) => {
      const answer = await test(state, { mock: result({}), context: given })
      return (answer.inspectionData!.afterArguments as { MessageBody: Json }).MessageBody
    }
    expect(await asked(context)).toEqual({ ...context, Task: { Token: expect.any(String) } })
    expect(await asked({ ...context, Task: { Token: 'own' } })).toEqual({ ...context, Task: { Token: 'own' } })
  })

  it('is refused without a mock', async () => {
    await expect(test({ Type: 'Pass', End: true }, { context: {} })).rejects.toThrow('Invalid Context object provided')
  })
})

describe('a Map', () => {
  it.each([PROCESSOR, DISTRIBUTED])(
    'shows what its iterations would be given, and takes what they gave',
    async (processor) => {
      const state = {
        Type: 'Map',
        ItemProcessor: processor,
        ItemsPath: '$.items',
        ItemSelector: { 'n.$': '$$.Map.Item.Value', 'i.$': '$$.Map.Item.Index', 'all.$': '$.more' },
        End: true,
      }
      const answer = await test(state, { input: { items: [5, 6], more: 7 }, mock: result(['x', 'y']) })
      expect(answer).toMatchObject({ status: 'SUCCEEDED', output: ['x', 'y'] })
      expect(answer.inspectionData).toMatchObject({
        afterItemsPath: [5, 6],
        afterItemSelector: [
          { n: 5, i: 0, all: 7 },
          { n: 6, i: 1, all: 7 },
        ],
      })
    },
  )

  it('reads its items of what its reader would find, and batches them', async () => {
    const state = {
      Type: 'Map',
      ItemProcessor: DISTRIBUTED,
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        ReaderConfig: { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW', MaxItems: 3 },
        Parameters: { Bucket: 'b', Key: 'k' },
      },
      ItemBatcher: { MaxItemsPerBatch: 2 },
      End: true,
    }
    const stateConfiguration = { ...NO_CONFIGURATION, mapItemReaderData: 'n\n1\n2\n3\n4\n' }
    const answer = await test(state, { mock: result([]), stateConfiguration })
    expect(answer.inspectionData?.afterItemBatcher).toEqual([
      { Items: [{ n: '1' }, { n: '2' }] },
      { Items: [{ n: '3' }] },
    ])
    const broken = {
      ...state,
      ItemReader: { ...state.ItemReader, ReaderConfig: { InputType: 'JSON' } },
      Catch: [{ ErrorEquals: ['States.ItemReaderFailed'], Next: 'Unread' }],
    }
    expect(await test(broken, { mock: result([]), stateConfiguration })).toMatchObject({ nextState: 'Unread' })
    await expect(test(state, { mock: result([]) })).rejects.toThrow('ItemReader data must be specified')
  })

  it('fails by a percentage of failures as by a count of them', async () => {
    const state = { Type: 'Map', ItemProcessor: DISTRIBUTED, ToleratedFailurePercentage: 50, End: true }
    const failing = (mapIterationFailureCount: number) =>
      test(state, {
        input: [1, 2, 3, 4],
        mock: result([1, 2, 3, 4]),
        stateConfiguration: { ...NO_CONFIGURATION, mapIterationFailureCount },
      })
    expect((await failing(2)).status).toBe('SUCCEEDED')
    expect(await failing(3)).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' })
  })
})

describe('a mocked result', () => {
  const task = (resource: string) => ({ Type: 'Task', Resource: `arn:aws:states:::${resource}`, End: true })

  it.each<[resource: string, given: Json, said: string]>([
    ['aws-sdk:kms:encrypt', { EncryptionAlgorithm: 'ROT13' }, "Field 'EncryptionAlgorithm' is not an expected value"],
    ['aws-sdk:lambda:getFunction', { Configuration: 1 }, "Field 'Configuration' must be an object"],
    ['aws-sdk:lambda:getFunction', { Tags: { a: 1 } }, "Field 'Tags' must be a string"],
    ['aws-sdk:sqs:receiveMessage', { Messages: {} }, "Field 'Messages' must be an array"],
    ['aws-sdk:s3:getObject', { DeleteMarker: 'no' }, "Field 'DeleteMarker' must be a boolean"],
    ['aws-sdk:sfn:describeExecution', { Status: 'RUNNING' }, "Required field 'ExecutionArn' is missing"],
    ['states:startExecution.sync', { Status: 'WALKING' }, "Required field 'ExecutionArn' is missing"],
    ['aws-sdk:lambda:invoke', { Payload: { a: 1 } }, "Field 'Payload' must be a string"],
  ])('of %s is held against its API: %j', async (resource, given, said) => {
    await expect(test(task(resource), { mock: result(given) })).rejects.toThrow(
      `Mock result schema validation error: ${said}`,
    )
  })

  it.each<[resource: string, given: Json]>([
    ['lambda:invoke', { Payload: { a: 1 }, StatusCode: 200 }],
    ['http:invoke', { ResponseBody: 1 }],
    ['aws-sdk:nowhere:nothing', { a: 1 }],
    ['sqs:sendMessage.waitForTaskToken', { MessageId: 1 }],
    ['aws-sdk:rds:describeDBClusters', { DbClusters: [{ DbClusterIdentifier: 'a' }] }],
  ])('of %s may be what the API does not say: %j', async (resource, given) => {
    expect(await test(task(resource), { mock: result(given) })).toMatchObject({ status: 'SUCCEEDED', output: given })
  })

  it('is checked under the names that the integration gives to the members of the API', async () => {
    await expect(
      test(task('aws-sdk:rds:describeDBClusters'), { mock: result({ DbClusters: [{ DbClusterIdentifier: 1 }] }) }),
    ).rejects.toThrow("Field 'DbClusterIdentifier' must be a string")
  })

  it('of a Parallel has one item for each branch', async () => {
    const state = { Type: 'Parallel', Branches: [PROCESSOR], End: true }
    await expect(test(state, { mock: result([1, 2]) })).rejects.toThrow('same number of items')
    await expect(test(state, { mock: result({}) })).rejects.toThrow('must be an array')
  })
})

describe('a definition', () => {
  const machine = {
    QueryLanguage: 'JSONata',
    StartAt: 'M',
    States: {
      M: {
        Type: 'Map',
        ItemProcessor: { StartAt: 'Inner', States: { Inner: { Type: 'Pass', Output: '{% 1 + 1 %}', End: true } } },
        End: true,
      },
    },
  }

  it('may be of a whole machine, of which any state can be tested, in its query language', async () => {
    expect(await test(machine, { stateName: 'Inner' })).toMatchObject({ status: 'SUCCEEDED', output: 2 })
    await expect(test(machine, { stateName: 'Outer' })).rejects.toThrow("State 'Outer' does not exist")
  })

  it('with errors is refused with all of them', async () => {
    await expect(test({ Type: 'Pass', Result: 1, Next: 2 })).rejects.toThrow('Invalid State Machine Definition:')
  })
})
