import { UserFault } from '../../errors.ts'
import { isObject, type Json } from '../data/json.ts'
import type { State, TaskState } from '../definition/types.ts'
import { parseResource } from '../engine/taskOrder.ts'
import { parseInput } from '../stateMachineRules.ts'
import { findInside } from './testedState.ts'
import type { TestStateRequest } from './testStateRequest.ts'

/**
 * What TestState refuses before it does anything; throws UserFaults. Sentences without a note are recorded on AWS.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_TestState.html
 */
export function checkRequest(request: TestStateRequest, state: State): void {
  const { mock, roleArn } = request
  if (mock === null) checkUnmocked(state, roleArn)
  else checkMock(request, mock, state)
  parseInput(JSON.stringify(request.input))
  if (!isObject(request.variables)) throw refused('Variables must be a JSON object.', 'variables')
  if (request.context !== undefined) checkContext(request.context, mock !== null, state)
  checkConfiguration(request, state)
}

function checkUnmocked(state: State, roleArn: string | null): void {
  if (state.Type === 'Map' || state.Type === 'Parallel') {
    const message =
      'TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]'
    throw new UserFault('INVALID_DEFINITION', message, ['input', 'definition'])
  }
  if (state.Type !== 'Task') return
  if (!isAnswered(state)) {
    // By the documentation: none was recorded.
    const message = `TestState only supports the resource '${state.Resource}' when a mock is specified`
    throw new UserFault('INVALID_DEFINITION', message, ['input', 'definition'])
  }
  if (roleArn === null) throw refused('RoleArn must be specified when testing a Task state', 'roleArn')
}

/** Whether calling the task tells how it ends. */
function isAnswered({ Resource: resource }: TaskState): boolean {
  const parsed = parseResource(resource)
  return parsed?.kind !== 'ACTIVITY' && (parsed?.kind !== 'SERVICE' || parsed.pattern === 'REQUEST_RESPONSE')
}

function checkMock(
  { revealSecrets }: TestStateRequest,
  mock: NonNullable<TestStateRequest['mock']>,
  state: State,
): void {
  if (state.Type !== 'Task' && state.Type !== 'Map' && state.Type !== 'Parallel') {
    throw refused(`State type '${state.Type}' is not supported when a mock is specified`, 'mock')
  }
  if (revealSecrets)
    throw refused('TestState does not support RevealSecrets when a mock is specified.', 'revealSecrets')
  const { result, errorOutput } = mock
  if (result !== undefined && errorOutput !== null) {
    throw refused('A test mock should have only one of the following fields: [result, errorOutput].', 'mock')
  }
  if (result === undefined && errorOutput === null) {
    throw refused('A test mock should have one of the following fields: [result, errorOutput].', 'mock')
  }
  if (result !== undefined) checkShape(result, state)
}

/** Results of Tasks are held against the model of their API elsewhere. */
function checkShape(result: Json, state: State): void {
  if (state.Type === 'Map' && state.ResultWriter !== undefined) {
    if (!isObject(result)) throw refused('Mocked result must be a JSON object.', 'mock')
  } else if (state.Type === 'Map' || state.Type === 'Parallel') {
    if (!Array.isArray(result)) throw refused('Mocked result must be an array.', 'mock')
    if (state.Type === 'Parallel' && result.length !== state.Branches.length) {
      const message = 'Mocked result must contain the same number of items as number of Parallel branches.'
      throw refused(message, 'mock')
    }
  }
}

function checkContext(context: Json, isMocked: boolean, state: State): void {
  const invalid = (reason: string) => refused(`Invalid Context object provided: ${reason}`, 'context')
  if (!isMocked) throw invalid('Context object is only supported when a mock is specified')
  if (!isObject(context)) throw invalid('Context object must be a JSON object')
  if (Object.hasOwn(context, 'Map')) throw invalid("'Map' field is not supported when mocking a Context object")
  if (Object.hasOwn(context, 'Task') && !hasCallback(state)) {
    throw invalid(
      "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern",
    )
  }
}

function hasCallback(state: State): boolean {
  if (state.Type !== 'Task') return false
  const parsed = parseResource(state.Resource)
  return parsed?.kind === 'SERVICE' && parsed.pattern !== 'REQUEST_RESPONSE'
}

function checkConfiguration({ stateConfiguration, mock }: TestStateRequest, state: State): void {
  const { retrierRetryCount, mapIterationFailureCount, errorCausedByState, mapItemReaderData } = stateConfiguration
  const invalid = (reason: string) => refused(reason, 'stateConfiguration')
  for (const count of [retrierRetryCount, mapIterationFailureCount]) {
    if (count !== null && count < 0) throw invalid('Counts of the state configuration cannot be negative.')
  }
  if (mapIterationFailureCount !== null && state.Type !== 'Map') {
    throw invalid('mapIterationFailureCount is only supported for Map states.')
  }
  const isRead = state.Type === 'Map' && state.ItemReader !== undefined
  if (mapItemReaderData !== null && !isRead) {
    throw invalid('mapItemReaderData is only supported for Map states with an ItemReader.')
  }
  if (isRead && mapItemReaderData === null) {
    throw invalid('ItemReader data must be specified when testing a Map state with ItemReader specified.')
  }
  if (errorCausedByState === null) return
  if (mock?.errorOutput == null || findInside(state, errorCausedByState, []) === null) {
    throw invalid('errorCausedByState must name a state of the Map or Parallel state that an error is mocked for.')
  }
}

function refused(message: string, field: string): UserFault {
  return new UserFault('VALIDATION', message, ['input', field])
}
