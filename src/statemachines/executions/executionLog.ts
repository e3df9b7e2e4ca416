import type { HistoryEventRecord } from './executionRecords.ts'

/** An event that is logged; `hasData`: with what flows through its execution. */
export interface LoggedEvent {
  readonly event: HistoryEventRecord
  readonly executionArn: string
  readonly hasData: boolean
}

/** What flows through an execution, as members of details name it. */
const DATA = ['input', 'inputDetails', 'output', 'outputDetails', 'parameters', 'resultSelector', 'assignedVariables']

/**
 * An event as a line of the log, in the JSON that AWS writes: numbers are texts, and what flows through the execution is
 * there only where it is asked for.
 * https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
 */
export function logLine({ event, executionArn, hasData }: LoggedEvent): string {
  const { id, previousEventId, type, timestamp, details } = event
  const shown = Object.entries(details ?? {}).filter(([name]) => hasData || !DATA.includes(name))
  return JSON.stringify({
    id: String(id),
    type,
    details: Object.fromEntries(shown),
    previous_event_id: String(previousEventId),
    event_timestamp: String(timestamp.getTime()),
    execution_arn: executionArn,
  })
}
