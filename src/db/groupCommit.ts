import type { Client } from 'pg'
import { PlatformFault } from '../errors.ts'
import { runBatch, type Statement, type StatementResult } from './statementBatch.ts'
import type { RowsStatement, StatementWithRows } from './unnest.ts'

/**
 * Collects writes and commits many of them in one transaction. While one commit is on its way the next writes gather,
 * so the batch grows with the load and a lone write waits for nobody. Each caller is answered when the commit that
 * holds its rows is durable, or with the error that kept them out.
 */
export interface GroupCommit<Item> {
  /** Resolves after the commit. Rejects where `write` refused the item or the database cannot take it. */
  submit(item: Item, sizeBytes: number): Promise<void>
  /** How much is waiting, in bytes as they were submitted: what producers slow down by. */
  pendingBytes(): number
  /** Resolves when everything submitted so far is settled. */
  drain(): Promise<void>
  /** Settles what is waiting, then closes the connection. Items submitted later are rejected. */
  stop(): Promise<void>
}

/** How a batch is written, all of it in one transaction: first what decides whether it may be, then the rest. */
export interface BatchPlan<Item> {
  /** Statements that lock, claim and count, each at most once. */
  readonly fence: readonly StatementWithRows[]
  /** What follows from their answers. */
  readonly decide: (answers: FenceAnswers) => BatchDecision<Item>
}

/** What the statements of a fence returned. */
export interface FenceAnswers {
  /** The rows of a statement; none where it was not among them. */
  of<Result>(statement: Pick<RowsStatement<never, Result>, 'name' | 'result'>): readonly Result[]
}

/**
 * Whether the items may be written. When some are refused, the transaction is rolled back and the others are written
 * again without them.
 */
export type BatchDecision<Item> =
  | { readonly kind: 'WRITE'; readonly statements: readonly Statement[] }
  | { readonly kind: 'REFUSE'; readonly refused: ReadonlyMap<Item, Error> }

export interface GroupCommitOptions<Item> {
  /** Opens a connection. */
  readonly connect: () => Promise<Client>
  /** Says how items are written. Has no effect. */
  readonly plan: (items: readonly Item[]) => BatchPlan<Item>
  /** Called after a commit and before its callers are answered, with the position of its transaction in event streams. */
  readonly onCommitted: (items: readonly Item[], position: bigint) => void
  /** Called when a batch must be tried again because the database went away. */
  readonly onRetry: (error: Error) => void
}

const LARGEST_BATCH_ITEMS = 1_000
const LARGEST_BATCH_BYTES = 16 * 1024 * 1024
const LONGEST_RECONNECT_DELAY_MS = 1_000
const DEADLOCK_DETECTED = '40P01'

const BEGIN: Statement = { name: 'begin', text: 'BEGIN', values: [] }
const COMMIT: Statement = { name: 'commit', text: 'COMMIT', values: [] }
const SELECT_TRANSACTION: Statement = {
  name: 'select_transaction',
  text: 'SELECT pg_current_xact_id()::text AS id, event_transaction_id()::text AS position',
  values: [],
}

/** A transaction as PostgreSQL names it, and where it stands in event streams. */
interface Transaction {
  readonly id: string
  readonly position: string
}

interface Pending<Item> {
  readonly item: Item
  readonly sizeBytes: number
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

export function createGroupCommit<Item>(options: GroupCommitOptions<Item>): GroupCommit<Item> {
  let waiting: Pending<Item>[] = []
  let waitingBytes = 0
  let isStopping = false
  let client: Client | null = null
  let loop: Promise<void> | null = null

  function submit(item: Item, sizeBytes: number): Promise<void> {
    if (isStopping) return Promise.reject(new PlatformFault('the service is stopping and takes no more writes'))
    return new Promise((resolve, reject) => {
      waiting.push({ item, sizeBytes, resolve, reject })
      waitingBytes += sizeBytes
      loop ??= run()
    })
  }

  async function run(): Promise<void> {
    // A turn of the event loop lets everything that became ready together go into the first batch.
    await new Promise(setImmediate)
    while (waiting.length > 0) await commit(take())
    // In the same turn as the last look, so that no submit can come in between and find a loop that is over.
    loop = null
  }

  function take(): Pending<Item>[] {
    let count = 0
    let bytes = 0
    while (count < waiting.length && count < LARGEST_BATCH_ITEMS && (count === 0 || bytes < LARGEST_BATCH_BYTES)) {
      bytes += waiting[count]!.sizeBytes
      count += 1
    }
    const batch = waiting.slice(0, count)
    waiting = waiting.slice(count)
    waitingBytes -= bytes
    return batch
  }

  async function commit(batch: Pending<Item>[]): Promise<void> {
    let remaining = batch
    while (remaining.length > 0) {
      const attempt = await attemptCommit(remaining)
      switch (attempt.kind) {
        case 'COMMITTED':
          options.onCommitted(
            remaining.map(({ item }) => item),
            attempt.position,
          )
          for (const { resolve } of remaining) resolve()
          return
        case 'REFUSED':
          for (const pending of remaining) {
            const error = attempt.refused.get(pending.item)
            if (error !== undefined) pending.reject(error)
          }
          remaining = remaining.filter(({ item }) => !attempt.refused.has(item))
          break
        case 'FAILED':
          if (remaining.length === 1) {
            remaining[0]!.reject(attempt.error)
            return
          }
          // One bad item must not take the others with it: alone, each shows whether it is the one.
          for (const pending of remaining) await commit([pending])
          return
        case 'AGAIN':
          options.onRetry(attempt.error)
          break
      }
    }
  }

  type Attempt =
    | { kind: 'COMMITTED'; position: bigint }
    | { kind: 'REFUSED'; refused: ReadonlyMap<Item, Error> }
    | { kind: 'FAILED'; error: Error }
    | { kind: 'AGAIN'; error: Error }

  async function attemptCommit(batch: readonly Pending<Item>[]): Promise<Attempt> {
    const session = await connection()
    let transaction: Transaction | null = null
    try {
      const { fence, decide } = options.plan(batch.map(({ item }) => item))
      const [, identity, ...answers] = await runBatch(session, [BEGIN, SELECT_TRANSACTION, ...fence])
      transaction = identity!.rows[0] as Transaction
      const decision = decide(answersOf(fence, answers))
      if (decision.kind === 'REFUSE') {
        await session.query('ROLLBACK')
        return { kind: 'REFUSED', refused: decision.refused }
      }
      // COMMIT goes right behind the rest: where one of the statements fails PostgreSQL skips it.
      const results = await runBatch(session, [...decision.statements, COMMIT])
      if (results.at(-1)!.command !== 'COMMIT') throw new PlatformFault('the database rolled a commit back')
      return { kind: 'COMMITTED', position: BigInt(transaction.position) }
    } catch (caught) {
      const error = caught instanceof Error ? caught : new Error(String(caught))
      if (isSqlError(error) && !isDisconnection(error)) {
        await session.query('ROLLBACK').catch(() => discard(session))
        return error.code === DEADLOCK_DETECTED ? { kind: 'AGAIN', error } : { kind: 'FAILED', error }
      }
      if (error instanceof PlatformFault) return { kind: 'FAILED', error }
      discard(session)
      // The commit may have happened although its answer was lost: only the database knows.
      if (transaction !== null && (await wasCommitted(transaction.id))) {
        return { kind: 'COMMITTED', position: BigInt(transaction.position) }
      }
      return { kind: 'AGAIN', error }
    }
  }

  async function connection(): Promise<Client> {
    let delayMs = 10
    while (client === null) {
      try {
        const opened = await options.connect()
        opened.on('error', () => discard(opened))
        opened.on('end', () => discard(opened))
        client = opened
      } catch (error) {
        if (isStopping) throw error
        await new Promise((resolve) => setTimeout(resolve, delayMs))
        delayMs = Math.min(delayMs * 2, LONGEST_RECONNECT_DELAY_MS)
      }
    }
    return client
  }

  function discard(session: Client): void {
    if (client === session) client = null
    session.end().catch(() => undefined)
  }

  async function wasCommitted(transactionId: string): Promise<boolean> {
    for (;;) {
      const session = await connection()
      try {
        const { rows } = await session.query<{ status: string | null }>(
          'SELECT pg_xact_status($1::text::xid8) AS status',
          [transactionId],
        )
        const status = rows[0]!.status
        if (status !== 'in progress') return status === 'committed'
        await new Promise((resolve) => setTimeout(resolve, 10))
      } catch (error) {
        if (isSqlError(error) && !isDisconnection(error)) return false
        discard(session)
      }
    }
  }

  async function drain(): Promise<void> {
    while (loop !== null) await loop
  }

  return {
    submit,
    pendingBytes: () => waitingBytes,
    drain,
    async stop() {
      await drain()
      isStopping = true
      await drain()
      await client?.end().catch(() => undefined)
    },
  }
}

function answersOf(fence: readonly StatementWithRows[], results: readonly StatementResult[]): FenceAnswers {
  const rows = new Map(fence.map(({ caseOf }, index) => [caseOf, results[index]!.rows]))
  return {
    of: <Result>({ name }: { readonly name: string }) => (rows.get(name) ?? []) as readonly Result[],
  }
}

function isSqlError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'severity' in error && 'code' in error && typeof error.code === 'string'
}

const IDLE_IN_TRANSACTION_SESSION_TIMEOUT = '25P03'

/**
 * Class 57P: the server is shutting down or crashed; class 08: the connection is gone. The timeout comes to a process that
 * stood still in the midst of a commit: the server has rolled it back and closed the connection.
 */
function isDisconnection({ code }: { code: string }): boolean {
  return code.startsWith('57P') || code.startsWith('08') || code === IDLE_IN_TRANSACTION_SESSION_TIMEOUT
}
