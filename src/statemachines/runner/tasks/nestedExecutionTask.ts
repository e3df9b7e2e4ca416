import { USER_ERRORS, type UserErrorCode, UserFault } from '../../../errors.ts'
import { isObject, type Json, memberOf } from '../../data/json.ts'
import type { Stimulus } from '../../engine/stimulus.ts'
import type { StartExecution } from '../../startExecution.ts'
import { failed, type TaskOf, type TaskOwner } from './taskPerformer.ts'

/**
 * `states:startExecution`, alone, `.sync` or with a token. Where no name is given one is made of the task, so that asking again after
 * a crash starts nothing a second time.
 * https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
 */
export async function startNestedExecution(
  startExecution: StartExecution,
  execution: TaskOwner,
  { taskId, order, requestId }: TaskOf<'SERVICE'>,
): Promise<Stimulus> {
  const { pattern, parameters } = order
  const name = memberOf(parameters, 'Name')
  const isWaitedFor = pattern === 'SYNC' || pattern === 'SYNC_2'
  const parent = isWaitedFor ? { executionId: execution.id, taskId, pattern } : null
  try {
    const started = await startExecution(execution.scope, {
      stateMachineArn: String(memberOf(parameters, 'StateMachineArn') ?? ''),
      name: typeof name === 'string' ? name : `${execution.id}-${taskId}`,
      input: inputText(memberOf(parameters, 'Input')),
      child: { parent, item: null },
      isAgain: typeof name !== 'string',
      isSynchronous: false,
    })
    const output: Json = {
      ExecutionArn: started.executionArn,
      SdkHttpMetadata: { HttpStatusCode: 200 },
      SdkResponseMetadata: { RequestId: requestId },
      StartDate: started.startedAt.getTime(),
    }
    // It ends with the nested execution, or as whoever has the token says.
    return { kind: pattern === 'REQUEST_RESPONSE' ? 'TASK_SUCCEEDED' : 'TASK_SUBMITTED', taskId, output }
  } catch (fault) {
    if (!(fault instanceof UserFault)) throw fault
    // Nothing but functions answers with TooManyRequestsException.
    const code = fault.code === 'TOO_MANY_REQUESTS' ? 'THROTTLING' : fault.code
    const cause = `${fault.message} (Service: AWSStepFunctions; Status Code: 400; Error Code: ${USER_ERRORS[code].exception}; Request ID: ${requestId}; Proxy: null)`
    return failed(taskId, ERROR_NAMES[code] ?? OTHER_ERROR, cause, isWaitedFor ? 'SUBMIT_FAILED' : 'FAILED')
  }
}

/**
 * Error names as the AWS SDK for Java makes them. Of the limit of open executions it is the name that AWS's guide tells to
 * retry: https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
 */
const ERROR_NAMES: { readonly [code in UserErrorCode]?: string } = {
  STATE_MACHINE_DOES_NOT_EXIST: 'StepFunctions.StateMachineDoesNotExistException',
  EXECUTION_ALREADY_EXISTS: 'StepFunctions.ExecutionAlreadyExistsException',
  EXECUTION_LIMIT_EXCEEDED: 'StepFunctions.ExecutionLimitExceeded',
  INVALID_EXECUTION_INPUT: 'StepFunctions.InvalidExecutionInputException',
  INVALID_ARN: 'StepFunctions.InvalidArnException',
  INVALID_NAME: 'StepFunctions.InvalidNameException',
}
/** What the SDK has no class of its own for, throttling among it: AWS's code is in the cause. */
const OTHER_ERROR = 'StepFunctions.AWSStepFunctionsException'

/** The input may be given as JSON, or as a text that holds it. */
function inputText(input: Json | undefined): string {
  if (typeof input === 'string') return input
  return JSON.stringify(isObject(input) || Array.isArray(input) ? input : (input ?? {}))
}
