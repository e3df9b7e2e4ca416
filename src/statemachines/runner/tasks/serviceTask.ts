import type { InvokeServices } from '../../../invocations/invoke.ts'
import type { StartExecution } from '../../startExecution.ts'
import { invokeService } from './functionTask.ts'
import { startNestedExecution } from './nestedExecutionTask.ts'
import { failed, type TaskPerformer } from './taskPerformer.ts'

export interface ServiceTaskOptions {
  readonly invokeServices: InvokeServices
  readonly startExecution: StartExecution
}

/** Service integrations: the service's own functions and state machines, and AWS's services. */
export function createServiceTask({ invokeServices, startExecution }: ServiceTaskOptions): TaskPerformer<'SERVICE'> {
  return async (execution, task) => {
    const { resourceType, action } = task.order
    if (resourceType === 'lambda' && action === 'invoke') return invokeService(invokeServices, execution.scope, task)
    if (resourceType === 'states' && action === 'startExecution') {
      return startNestedExecution(startExecution, execution, task)
    }
    return failed(task.taskId, 'States.Runtime', `There is no integration ${resourceType}:${action}.`)
  }
}
