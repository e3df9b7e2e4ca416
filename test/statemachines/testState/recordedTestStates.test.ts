import { describe, expect, it } from 'vitest'
import { USER_ERRORS, UserFault } from '../../../src/errors.ts'
import { awsApiResults } from '../../../src/statemachines/testState/mockedResults/awsApiResults.ts'
import { type TestWorld, testState } from '../../../src/statemachines/testState/testState.ts'
import { firstDifference } from '../../kit/asl/matchesRecording.ts'
import { plainAnswer, type RecordedTestState, recordedTestStates, requestOf } from '../../kit/asl/recordedTestStates.ts'

/** Those that call functions run in test/api, with real ones. */
const alone = recordedTestStates().filter(({ lambdas }) => lambdas === undefined)

/** Cases that cannot pass, by a part of their id, and why. */
const IMPOSSIBLE: Readonly<Record<string, string>> = {
  test_sfn_start_execution_success:
    'the recorder has replaced the ARN of the execution by that of the machine in the mock, and not in the answer that repeats it',
}
const impossible = ({ id }: RecordedTestState) => Object.keys(IMPOSSIBLE).some((part) => id.includes(part))

/** Nothing is called and nothing waited for: the cases are of mocks and of states that do their work by themselves. */
const world: TestWorld = {
  facts: {
    executionArn: 'arn:aws:states:us-east-1:111111111111:express:machine:run',
    name: 'run',
    stateMachineArn: 'arn:aws:states:us-east-1:111111111111:stateMachine:machine',
    stateMachineName: 'machine',
    accountId: '111111111111',
    region: 'us-east-1',
    startedAtMs: Date.UTC(2026, 10, 20),
  },
  seed: 7,
  results: awsApiResults,
  perform: () => Promise.reject(new Error('a task is called')),
  sleep: () => Promise.reject(new Error('something is waited for')),
}

async function answered(recorded: RecordedTestState): Promise<Record<string, unknown>> {
  try {
    return plainAnswer(await testState(requestOf(recorded), world))
  } catch (fault) {
    if (!(fault instanceof UserFault)) throw fault
    return { apiError: { Code: USER_ERRORS[fault.code].exception, Message: fault.message } }
  }
}

describe('a state that is tested answers as AWS recorded it', () => {
  const possible = alone.filter((recorded) => !impossible(recorded))
  it.each(possible.map((recorded) => [recorded.id, recorded] as const))('%s', async (_id, recorded) => {
    const answer = await answered(recorded)
    expect(firstDifference(recorded.expect, answer, '', recorded.wildcards ?? {})).toBeNull()
  })

  it.each(alone.filter(impossible).map((recorded) => [recorded.id, recorded] as const))(
    'cannot answer as recorded: %s',
    async (_id, recorded) => {
      const answer = await answered(recorded)
      expect(firstDifference(recorded.expect, answer, '', recorded.wildcards ?? {})).not.toBeNull()
    },
  )
})
