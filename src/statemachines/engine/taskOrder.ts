import type { Json } from '../data/json.ts'

/** How the execution goes on after a task was called. */
export type IntegrationPattern = 'REQUEST_RESPONSE' | 'SYNC' | 'SYNC_2' | 'WAIT_FOR_TASK_TOKEN'

/** What a Task state, or a distributed Map, asks somebody else to do. */
export type TaskOrder =
  | { kind: 'FUNCTION'; functionArn: string; input: Json; timeoutSeconds: number | null }
  | {
      kind: 'ACTIVITY'
      activityArn: string
      input: Json
      timeoutSeconds: number | null
      heartbeatSeconds: number | null
    }
  | {
      kind: 'SERVICE'
      /** As history events say it: `lambda`, `sqs`, `states`, `aws-sdk:dynamodb`, `http`. */
      resourceType: string
      /** As history events say it: `invoke`, `sendMessage.waitForTaskToken`. */
      resource: string
      action: string
      pattern: IntegrationPattern
      parameters: Json
      timeoutSeconds: number | null
      heartbeatSeconds: number | null
    }
  | {
      kind: 'MAP_RUN'
      stateName: string
      mapRunArn: string
      /** Where in the definition the Map state is. */
      place: (string | number)[]
      /** Null where they are read from outside. */
      items: Json[] | null
      reader: ItemReaderOrder | null
      /** What makes a child's input of an item; null: the item itself. */
      selector: { template: Json; isJsonata: boolean } | null
      batcher: ItemBatcherOrder | null
      writer: ResultWriterOrder | null
      /** What selectors can see. */
      input: Json
      context: Json
      childType: 'STANDARD' | 'EXPRESS'
      /** How many child executions may run at the same time; 0 for as many as there may be. */
      concurrency: number
      toleratedFailureCount: number | null
      toleratedFailurePercentage: number | null
      /** The variables that a child can read. */
      variables: { [name: string]: Json }
    }

export type MapRunOrder = Extract<TaskOrder, { kind: 'MAP_RUN' }>

/** Where the items of a Map Run come from. https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html */
export interface ItemReaderOrder {
  resource: string
  config: Json
  parameters: Json
  /** Null: all. */
  maxItems: number | null
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itembatcher.html */
export interface ItemBatcherOrder {
  maxItems: number | null
  maxInputBytes: number | null
  /** What each batch has beside its items; null where there is nothing. */
  batchInput: Json
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html */
export interface ResultWriterOrder {
  /** Null: results are shaped, and handed on. */
  resource: string | null
  parameters: Json
  config: Json
}

/** A Task state's `Resource`, taken apart; null where it is none that there is. */
export type ParsedResource =
  | { kind: 'FUNCTION'; functionArn: string }
  | { kind: 'ACTIVITY'; activityArn: string }
  | { kind: 'SERVICE'; resourceType: string; resource: string; action: string; pattern: IntegrationPattern }

const FUNCTION_ARN = /^arn:aws[\w-]*:lambda:[^:]*:\d{12}:function:.+$/
const ACTIVITY_ARN = /^arn:aws[\w-]*:states:[^:]*:\d{12}:activity:.+$/
const SERVICE_ARN =
  /^arn:aws[\w-]*:states:[^:]*:[^:]*:((?:aws-sdk:)?[\w-]+):(\w+)(\.sync:2|\.sync|\.waitForTaskToken)?$/

const PATTERNS: Readonly<Record<string, IntegrationPattern>> = {
  '.sync': 'SYNC',
  '.sync:2': 'SYNC_2',
  '.waitForTaskToken': 'WAIT_FOR_TASK_TOKEN',
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html */
export function parseResource(arn: string): ParsedResource | null {
  if (FUNCTION_ARN.test(arn)) return { kind: 'FUNCTION', functionArn: arn }
  if (ACTIVITY_ARN.test(arn)) return { kind: 'ACTIVITY', activityArn: arn }
  const [, resourceType, action, suffix = ''] = SERVICE_ARN.exec(arn) ?? []
  if (resourceType === undefined || action === undefined) return null
  const pattern = PATTERNS[suffix] ?? 'REQUEST_RESPONSE'
  return { kind: 'SERVICE', resourceType, resource: `${action}${suffix}`, action, pattern }
}

/** Whether the task is an invocation of one of the service's functions. */
export function isInvocation(order: TaskOrder): boolean {
  return (
    order.kind === 'FUNCTION' ||
    (order.kind === 'SERVICE' && order.resourceType === 'lambda' && order.action === 'invoke')
  )
}
