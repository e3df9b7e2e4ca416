import { UserFault } from '../../errors.ts'
import type { State } from '../definition/types.ts'
import { endChildren } from '../engine/draft.ts'
import { failState } from '../engine/failState.ts'
import { work } from '../engine/settle.ts'
import { endParallel } from '../engine/states/parallel.ts'
import { endWait } from '../engine/states/wait.ts'
import type { Stimulus } from '../engine/stimulus.ts'
import { TASK_TIMEOUT } from '../engine/taskEvents.ts'
import type { TaskOrder } from '../engine/taskOrder.ts'
import { taskFailed, taskSucceeded } from '../engine/taskStimuli.ts'
import { within } from '../engine/within.ts'
import { checkRequest } from './checkRequest.ts'
import { mockedMap } from './mockedMap.ts'
import { mockedResultFault } from './mockedResults/mockedResultFault.ts'
import { modelledOperation } from './mockedResults/modelledOperation.ts'
import type { ServiceResults } from './mockedResults/resultModel.ts'
import { type TestedRun, type TestFacts, testedRun } from './testedRun.ts'
import { testedState } from './testedState.ts'
import { answerOf, type TestStateAnswer } from './testStateAnswer.ts'
import type { Mock, StateConfiguration, TestStateRequest } from './testStateRequest.ts'

/** What a test needs of the world around it. */
export interface TestWorld {
  readonly facts: TestFacts
  /** What the test's random numbers come from. */
  readonly seed: number
  /** What a service's operations answer with; null where there is no such service. */
  results(service: string): Promise<ServiceResults | null>
  /** Carries a task out; null where it has not ended after so many milliseconds. */
  perform(order: TaskOrder, withinMs: number): Promise<Stimulus | null>
  sleep(ms: number): Promise<void>
}

/** Tests may take so long. https://docs.aws.amazon.com/step-functions/latest/apireference/API_TestState.html */
const LONGEST_TEST_MS = 5 * 60_000

/**
 * Runs one state, as TestState does: with the parts of the engine that executions run it with, and with a mock, where
 * there is one, for what it would call. Throws UserFaults in AWS's words for requests that it refuses.
 */
export async function testState(request: TestStateRequest, world: TestWorld): Promise<TestStateAnswer> {
  const tested = testedState(request.definition, request.stateName)
  const { state } = tested
  checkRequest(request, state)
  const { mock, stateConfiguration, inspectionLevel } = request
  if (mock !== null) await checkResult(mock, state, world)
  const run = testedRun(tested, request, world.facts, world.seed)
  const { draft, thread, visit } = run
  await within(draft, thread, visit, () => {
    return mock === null ? work(draft, thread, visit, state) : enterMocked(run, state, mock, stateConfiguration)
  })
  if (mock === null) await waitFor(run, world)
  return answerOf(run, inspectionLevel)
}

async function checkResult({ result, fieldValidationMode }: Mock, state: State, world: TestWorld): Promise<void> {
  if (result === undefined || state.Type !== 'Task') return
  const operation = modelledOperation(state)
  const results = operation === null ? null : await world.results(operation.service)
  if (operation === null || results === null) return
  const fault = mockedResultFault(results, operation, fieldValidationMode, result)
  if (fault !== null) throw new UserFault('VALIDATION', fault, ['input', 'mock', 'result'])
}

async function enterMocked(run: TestedRun, state: State, mock: Mock, configuration: StateConfiguration): Promise<void> {
  const { draft, thread, visit } = run
  const { result, errorOutput } = mock
  if (state.Type === 'Map') return mockedMap(run, state, mock, configuration)
  await work(draft, thread, visit, state)
  if (state.Type === 'Parallel') {
    endChildren(draft, thread.id)
    if (errorOutput !== null) await failState(draft, thread, visit, state, errorOutput)
    else await endParallel(draft, thread, visit, state, result!)
    return
  }
  const { phase } = thread
  if (phase.kind !== 'TASK') return
  if (errorOutput !== null) await taskFailed(draft, thread, phase, { kind: 'FAILED', ...errorOutput })
  else await taskSucceeded(draft, thread, phase, result!)
}

/** What a state waits for really happens. */
async function waitFor({ draft, thread, visit }: TestedRun, world: TestWorld): Promise<void> {
  const { phase } = thread
  if (draft.state.outcome !== null) return
  if (phase.kind === 'WAITING') {
    const waitMs = phase.dueAtMs - draft.nowMs
    await world.sleep(Math.min(waitMs, LONGEST_TEST_MS))
    await within(draft, thread, visit, (state) => {
      if (state.Type !== 'Wait' || waitMs > LONGEST_TEST_MS) return failState(draft, thread, visit, state, TASK_TIMEOUT)
      return endWait(draft, thread, visit, state)
    })
  } else if (phase.kind === 'TASK') {
    const { order, timeoutAtMs } = phase.task
    const timeoutMs = timeoutAtMs === null ? LONGEST_TEST_MS : timeoutAtMs - draft.nowMs
    const stimulus = await world.perform(order, Math.min(timeoutMs, LONGEST_TEST_MS))
    if (stimulus?.kind === 'TASK_SUCCEEDED') await taskSucceeded(draft, thread, phase, stimulus.output)
    else if (stimulus?.kind === 'TASK_FAILED') await taskFailed(draft, thread, phase, stimulus.failure)
    else await within(draft, thread, visit, (state) => failState(draft, thread, visit, state, TASK_TIMEOUT))
  }
}
