import type { StateStatus } from '../diagram/diagramGraph.ts'
import type { HistoryEventRecord } from './executionRecords.ts'
import { stateStatuses } from './stateStatuses.ts'

/** What an execution has done in one state, over all visits. */
export interface StateSummary {
  readonly name: string
  /** `Task`, `Pass` and so on. */
  readonly type: string
  readonly status: StateStatus
  /** How often it was entered. */
  readonly visits: number
  /** From entering to leaving, all visits together; of one that is still in, up to `nowMs`. */
  readonly durationMs: number
  /** Request ids of the functions that it called, in their order. */
  readonly invocationIds: readonly string[]
}

type Event = Pick<HistoryEventRecord, 'id' | 'previousEventId' | 'type' | 'details' | 'timestamp' | 'invocationId'>

interface Visit {
  readonly name: string
  readonly enteredAtMs: number
  exitedAtMs: number | null
}

/** Sums a history up by state, in the order in which the states were first entered. */
export function stateSummaries(history: readonly Event[], nowMs: number): StateSummary[] {
  const visitOf = new Map<number, Visit>()
  const visits: Visit[] = []
  const types = new Map<string, string>()
  const invocations = new Map<string, string[]>()
  for (const { id, previousEventId, type, details, timestamp, invocationId } of history) {
    let visit = visitOf.get(previousEventId)
    if (type.endsWith('StateEntered')) {
      visit = { name: String(details?.['name']), enteredAtMs: timestamp.getTime(), exitedAtMs: null }
      visits.push(visit)
      types.set(visit.name, type.slice(0, -'StateEntered'.length))
    } else if (type.endsWith('StateExited')) {
      // Behind the last branch of a Parallel or Map: the visit is the state's own, found by its name.
      const name = String(details?.['name'])
      visit = visits.find((each) => each.name === name && each.exitedAtMs === null) ?? visit
      if (visit !== undefined) visit.exitedAtMs = timestamp.getTime()
    }
    if (visit === undefined) continue
    visitOf.set(id, visit)
    if (invocationId !== null) invocations.set(visit.name, [...(invocations.get(visit.name) ?? []), invocationId])
  }
  const endedAtMs = isOver(history) ? history.at(-1)!.timestamp.getTime() : nowMs
  const statuses = stateStatuses(history)
  return [...types].map(([name, type]) => {
    const own = visits.filter((visit) => visit.name === name)
    return {
      name,
      type,
      status: statuses[name] ?? 'RUNNING',
      visits: own.length,
      durationMs: own.reduce((sum, visit) => sum + (visit.exitedAtMs ?? endedAtMs) - visit.enteredAtMs, 0),
      invocationIds: invocations.get(name) ?? [],
    }
  })
}

function isOver(history: readonly Event[]): boolean {
  return /^Execution(Succeeded|Failed|TimedOut|Aborted)$/.test(history.at(-1)?.type ?? '')
}
