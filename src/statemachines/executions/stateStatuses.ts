import type { StateStatus } from '../diagram/diagramGraph.ts'
import type { HistoryEventRecord } from './executionRecords.ts'

/** What a history tells of an event. */
export type ToldEvent = Pick<HistoryEventRecord, 'id' | 'previousEventId' | 'type' | 'details'>

/** Each state's last status, by its name. States that were never entered are left out. */
export function stateStatuses(history: readonly ToldEvent[]): Record<string, StateStatus> {
  const statuses = new Map<string, StateStatus>()
  const stateOf = new Map<number, string>()
  const failing = new Set<string>()
  for (const { id, previousEventId, type, details } of history) {
    const name = /State(Entered|Exited)$/.test(type) ? String(details?.['name']) : stateOf.get(previousEventId)
    if (name === undefined) continue
    stateOf.set(id, name)
    if (type.endsWith('StateEntered')) {
      failing.delete(name)
      statuses.set(name, 'RUNNING')
    } else if (type.endsWith('StateExited')) {
      statuses.set(name, failing.has(name) ? 'CAUGHT' : 'SUCCEEDED')
    } else if (type.endsWith('StateAborted')) statuses.set(name, 'ABORTED')
    else if (/(Failed|TimedOut)$/.test(type) && !type.startsWith('Execution')) failing.add(name)
    else if (/(Succeeded|Scheduled)$/.test(type)) failing.delete(name)
  }
  const last = history.at(-1)?.type
  if (last === 'ExecutionFailed' || last === 'ExecutionTimedOut') endRunning(statuses, 'FAILED')
  if (last === 'ExecutionAborted') endRunning(statuses, 'ABORTED')
  return Object.fromEntries(statuses)
}

function endRunning(statuses: Map<string, StateStatus>, status: StateStatus): void {
  for (const [name, present] of statuses) if (present === 'RUNNING') statuses.set(name, status)
}

/** The states that an execution is in, in the order in which it entered them. */
export function currentStates(history: readonly ToldEvent[]): string[] {
  return Object.entries(stateStatuses(history)).flatMap(([name, status]) => (status === 'RUNNING' ? name : []))
}
