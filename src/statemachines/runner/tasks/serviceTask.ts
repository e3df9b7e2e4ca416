import type { InvokeServices } from '../../../invocations/invoke.ts'
import type { ServiceCaller } from '../../integrations/serviceCaller.ts'
import type { StartExecution } from '../../startExecution.ts'
import { invokeService } from './functionTask.ts'
import { startNestedExecution } from './nestedExecutionTask.ts'
import { ended, failed, type TaskPerformer } from './taskPerformer.ts'

export interface ServiceTaskOptions {
  readonly invokeServices: InvokeServices
  readonly startExecution: StartExecution
  readonly callService: ServiceCaller
}

/** Service integrations: the service's own functions and state machines, and AWS's services. */
export function createServiceTask({
  invokeServices,
  startExecution,
  callService,
}: ServiceTaskOptions): TaskPerformer<'SERVICE'> {
  return async (execution, task, signal) => {
    const { resourceType: service, action, parameters, pattern } = task.order
    const { taskId, requestId } = task
    if (service === 'lambda' && action === 'invoke') return invokeService(invokeServices, execution.scope, task)
    if (service === 'states' && action === 'startExecution') {
      return ended(await startNestedExecution(startExecution, execution, task))
    }
    const answer = await callService(execution.scope, { service, action, parameters, requestId }, signal)
    if (answer.kind === 'FAILED') return ended(failed(taskId, answer.error, answer.cause))
    // Whoever has the token says how it ends.
    const kind = pattern === 'WAIT_FOR_TASK_TOKEN' ? 'TASK_SUBMITTED' : 'TASK_SUCCEEDED'
    return ended({ kind, taskId, output: answer.output })
  }
}
