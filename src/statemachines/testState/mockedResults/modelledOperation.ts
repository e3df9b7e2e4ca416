import type { TaskState } from '../../definition/types.ts'
import { parseResource } from '../../engine/taskOrder.ts'

/** The API operation whose answer is a Task's result. */
export interface ModelledOperation {
  /** As `aws-sdk:` resources name it. */
  readonly service: string
  /** As the API names it. */
  readonly operation: string
  /** Whether it is an `aws-sdk:` integration. */
  readonly isSdk: boolean
  /** Members that the integration decodes, so that their shape in the API says nothing. */
  readonly decoded: readonly string[]
}

/** Optimised integrations whose names are not those of the SDK. */
const SDK_NAMES: Readonly<Record<string, string>> = {
  states: 'sfn',
  events: 'eventbridge',
  elasticmapreduce: 'emr',
}

const SDK = 'aws-sdk:'

/**
 * Null where the result is not an API's answer: a function's own result, an activity's, what the owner of a task token
 * sends, or that of a job that was waited for. Which service and operations there are is not asked here.
 */
export function modelledOperation({ Resource: resource }: TaskState): ModelledOperation | null {
  const parsed = parseResource(resource)
  if (parsed?.kind !== 'SERVICE') return null
  const { resourceType, action, pattern } = parsed
  if (pattern === 'WAIT_FOR_TASK_TOKEN') return null
  if (pattern === 'SYNC' || pattern === 'SYNC_2') {
    if (resourceType !== 'states') return null
    const decoded = pattern === 'SYNC_2' ? ['Input', 'Output'] : []
    return { service: 'sfn', operation: 'DescribeExecution', isSdk: false, decoded }
  }
  const isSdk = resourceType.startsWith(SDK)
  const service = isSdk ? resourceType.slice(SDK.length) : (SDK_NAMES[resourceType] ?? resourceType.replaceAll('-', ''))
  const decoded = resourceType === 'lambda' && action === 'invoke' ? ['Payload'] : []
  return { service, operation: `${action[0]!.toUpperCase()}${action.slice(1)}`, isSdk, decoded }
}
