import type { Pool } from 'pg'
import { topics } from '../events/topics.ts'
import type { Wakeups } from '../events/wakeups.ts'
import { environmentKey } from '../functions/functionRecords.ts'
import type { EnvironmentPool } from './contract.ts'
import { selectRevisions } from './sql/selectRevisions.ts'

/** Ends this node's environments of revisions that were replaced or deleted, on whichever node that happened. */
export interface RevisionWatch {
  start(): void
  /** Resolves when nothing runs any more. */
  stop(): Promise<void>
}

export interface RevisionWatchOptions {
  readonly database: Pool
  readonly wakeups: Wakeups
  readonly pool: Pick<EnvironmentPool, 'held' | 'retire'>
  readonly onError: (error: unknown) => void
}

interface RevisionRow {
  readonly id: string
  readonly revisionId: string
}

/**
 * Level-triggered: a wake-up names no function. What the pool holds is compared with the revisions that there are, so a
 * connection that was lost for a while costs nothing but time. Which revision an invocation runs never depends on it:
 * that is read from the database each time.
 */
export function createRevisionWatch({ database, wakeups, pool, onError }: RevisionWatchOptions): RevisionWatch {
  let subscription: Disposable | null = null
  let looking: Promise<void> | null = null
  let mustLookAgain = false
  let isStopping = false

  function look(): void {
    if (isStopping) return
    mustLookAgain = true
    looking ??= lookUntilDone().finally(() => {
      looking = null
    })
  }

  async function lookUntilDone(): Promise<void> {
    while (mustLookAgain && !isStopping) {
      mustLookAgain = false
      await retireOld().catch(onError)
    }
  }

  async function retireOld(): Promise<void> {
    const before = pool.held()
    if (before.size === 0) return
    const { rows } = await database.query<RevisionRow>({ ...selectRevisions, values: [[...before.keys()]] })
    const current = new Set(rows.map(environmentKey))
    for (const [functionId, present] of pool.held()) {
      const known = before.get(functionId)
      if (known === undefined) continue
      // What came while the database was asked may be of a revision that is newer than its answer.
      pool.retire(functionId, new Set([...present].filter((key) => current.has(key) || !known.has(key))))
    }
  }

  return {
    start() {
      subscription = wakeups.listen(topics.revisions, look)
    },
    async stop() {
      isStopping = true
      subscription?.[Symbol.dispose]()
      await looking
    },
  }
}
