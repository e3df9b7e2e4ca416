import { UserFault } from '../../../errors.ts'
import { isObject, type Json, memberOf } from '../../data/json.ts'
import type { Stimulus } from '../../engine/stimulus.ts'
import type { StartExecution } from '../../startExecution.ts'
import { failed, type TaskOf, type TaskOwner } from './taskPerformer.ts'

/**
 * `states:startExecution`, alone or `.sync`. Where no name is given one is made of the task, so that asking again after
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
    })
    const output: Json = {
      ExecutionArn: started.executionArn,
      SdkHttpMetadata: { HttpStatusCode: 200 },
      SdkResponseMetadata: { RequestId: requestId },
      StartDate: started.startedAt.getTime(),
    }
    return { kind: isWaitedFor ? 'TASK_SUBMITTED' : 'TASK_SUCCEEDED', taskId, output }
  } catch (fault) {
    if (!(fault instanceof UserFault)) throw fault
    const exception = EXCEPTIONS[fault.code] ?? 'SfnException'
    const cause = `${fault.message} (Service: AWSStepFunctions; Status Code: 400; Error Code: ${exception.replace(/Exception$/, '')}; Request ID: ${requestId}; Proxy: null)`
    return failed(taskId, `StepFunctions.${exception}`, cause, isWaitedFor ? 'SUBMIT_FAILED' : 'FAILED')
  }
}

const EXCEPTIONS: { readonly [code: string]: string } = {
  STATE_MACHINE_DOES_NOT_EXIST: 'StateMachineDoesNotExistException',
  EXECUTION_ALREADY_EXISTS: 'ExecutionAlreadyExistsException',
  INVALID_EXECUTION_INPUT: 'InvalidExecutionInputException',
  INVALID_ARN: 'InvalidArnException',
  INVALID_NAME: 'InvalidNameException',
}

/** The input may be given as JSON, or as a text that holds it. */
function inputText(input: Json | undefined): string {
  if (typeof input === 'string') return input
  return JSON.stringify(isObject(input) || Array.isArray(input) ? input : (input ?? {}))
}
