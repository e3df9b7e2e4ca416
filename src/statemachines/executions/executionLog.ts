import { HISTORY_EVENT_TYPES, type HistoryEventType } from '../engine/historyEvent.ts'
import type { LoggingLevel } from '../machines/machineRecords.ts'
import type { HistoryEventRecord } from './executionRecords.ts'

/** An event that is logged; `hasData`: with what flows through its execution. */
export interface LoggedEvent {
  readonly event: HistoryEventRecord
  readonly executionArn: string
  readonly hasData: boolean
}

/** The types of events that a level logs: all, what goes wrong, what ends an execution badly, or none. */
export function loggedTypes(level: LoggingLevel): readonly HistoryEventType[] {
  switch (level) {
    case 'ALL':
      return HISTORY_EVENT_TYPES
    case 'ERROR':
      return HISTORY_EVENT_TYPES.filter((type) => type === 'FailStateEntered' || WENT_WRONG.test(type))
    case 'FATAL':
      return HISTORY_EVENT_TYPES.filter((type) => type.startsWith('Execution') && WENT_WRONG.test(type))
    case 'OFF':
      return []
  }
}

const WENT_WRONG = /(?:Failed|TimedOut|Aborted)$/
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
