import { ThrottleFault } from '../../errors.ts'
import type { Scope } from '../../model/records.ts'
import type { ExecutionEntry } from './executionEntry.ts'
import type { ExecutionRow } from './executionFacts.ts'
import type { OpenChange, OpenCount } from './sql/countOpenExecutions.ts'

/** Whether an execution counts as open while it runs: a Standard one does, a child of a Map Run, which bounds it, does not. */
export function isCounted({ machineType, child }: Pick<ExecutionRow, 'machineType' | 'child'>): boolean {
  return machineType === 'STANDARD' && (child?.item ?? null) === null
}

/** How the numbers of open executions change with entries: a row for each account and region in which any begins or ends. */
export function openChanges(entries: readonly ExecutionEntry[]): OpenChange[] {
  const changes = new Map<string, OpenChange>()
  for (const entry of entries) {
    const { begins, ends } = turnOf(entry)
    if (!begins && !ends) continue
    const { accountId, region } = entry.scope
    const before = changes.get(keyOf(entry.scope))?.change ?? 0
    const change = before + (begins ? 1 : 0) - (ends ? 1 : 0)
    changes.set(keyOf(entry.scope), { accountId, region, change })
  }
  return [...changes.values()]
}

/**
 * The entries that may not begin, one after the other as they were written: as many are open as may be. `counts` is what
 * came of their changes.
 */
export function beyondLimit(
  entries: readonly ExecutionEntry[],
  counts: readonly OpenCount[],
  limit: number,
): readonly ExecutionEntry[] {
  const changes = new Map(openChanges(entries).map((change) => [keyOf(change), change.change]))
  const open = new Map(counts.map((after) => [keyOf(after), after.count - (changes.get(keyOf(after)) ?? 0)]))
  return entries.filter((entry) => {
    const { begins, ends } = turnOf(entry)
    const key = keyOf(entry.scope)
    const before = open.get(key) ?? 0
    if (begins && before >= limit) return true
    open.set(key, before + (begins ? 1 : 0) - (ends ? 1 : 0))
    return false
  })
}

/** How long to wait before the next try: nobody knows when an execution ends. */
const RETRY_AFTER_MS = 1_000

/** The fault of a start for which there is no room, in AWS's words. */
export function openLimitFault(limit: number): ThrottleFault {
  const message =
    'The maximum number of running executions has been reached. Running executions must end or be stopped before a new execution can be started.'
  return new ThrottleFault('OPEN_EXECUTION_LIMIT_EXCEEDED', limit, RETRY_AFTER_MS, message, 'EXECUTION_LIMIT_EXCEEDED')
}

function turnOf({ isCounted: counts, created, moved }: ExecutionEntry): { begins: boolean; ends: boolean } {
  return { begins: counts && created !== null, ends: counts && moved.next.kind === 'ENDED' }
}

function keyOf({ accountId, region }: Scope): string {
  return `${accountId} ${region}`
}
