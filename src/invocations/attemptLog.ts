import type { LogLine } from '../environments/contract.ts'
import type { AttemptRow, InvocationEventRow, JournalEntry, LogEventRow } from './journalEntry.ts'

/** So long may a line wait for company before it is written: short attempts write everything in one commit. */
const GATHERING_MS = 4
/** Beyond so many unwritten bytes a function waits before it may write more. */
const CONGESTED_BYTES = 4 * 1024 * 1024

/** What all lines of an attempt have in common. */
export type LogOrigin = Omit<LogEventRow, 'timestampMs' | 'source' | 'message'>

/** Where the lines go. */
export interface LogTarget {
  write(entry: JournalEntry): Promise<void>
  pendingBytes(): number
}

/**
 * Collects what an attempt writes while it runs, and writes it soon. What is still here when the attempt ends goes into
 * the commit of its outcome, so that a tail sees every line before the end of the attempt.
 */
export class AttemptLog {
  readonly #origin: LogOrigin
  readonly #target: LogTarget
  readonly #onError: (error: unknown) => void
  readonly #isTailWanted: boolean
  #rows: LogEventRow[] = []
  #beginning: { readonly attempt: AttemptRow; readonly event: InvocationEventRow } | null = null
  #timer: NodeJS.Timeout | null = null
  #written: Promise<void> = Promise.resolve()
  #lines: string[] = []
  #linesBytes = 0

  constructor(origin: LogOrigin, target: LogTarget, isTailWanted: boolean, onError: (error: unknown) => void) {
    this.#origin = origin
    this.#target = target
    this.#isTailWanted = isTailWanted
    this.#onError = onError
  }

  /** Says that the attempt began; written with the first lines, or with the outcome where that comes first. */
  begin(attempt: AttemptRow, event: InvocationEventRow): void {
    this.#beginning = { attempt, event }
    this.#arm()
  }

  /** Adds a line. Returns a promise to wait for where the writer cannot keep up. */
  add(line: LogLine): undefined | Promise<void> {
    this.#rows.push({ ...this.#origin, timestampMs: line.timestampMs, source: line.source, message: line.message })
    if (this.#isTailWanted) this.#remember(line.message)
    this.#arm()
    if (this.#target.pendingBytes() < CONGESTED_BYTES) return undefined
    this.#flush()
    return this.#written
  }

  /** What has not been written yet, for the commit of the outcome. Nothing may be added afterwards. */
  async end(): Promise<{ readonly rows: readonly LogEventRow[]; readonly beginning: InvocationEventRow | null }> {
    this.#disarm()
    const remaining = { rows: this.#rows, beginning: this.#beginning?.event ?? null }
    this.#rows = []
    this.#beginning = null
    await this.#written
    return remaining
  }

  /** The lines so far, the latest ones at least; empty where no tail is wanted. */
  lines(): readonly string[] {
    return this.#lines
  }

  #remember(message: string): void {
    const TAIL_BYTES = 4096
    this.#lines.push(message)
    this.#linesBytes += message.length
    while (this.#lines.length > 1 && this.#linesBytes - this.#lines[0]!.length > TAIL_BYTES) {
      this.#linesBytes -= this.#lines.shift()!.length
    }
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => this.#flush(), GATHERING_MS)
  }

  #disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  #flush(): void {
    this.#disarm()
    if (this.#rows.length === 0 && this.#beginning === null) return
    const entry: JournalEntry = {
      logEvents: this.#rows,
      ...(this.#beginning === null
        ? {}
        : { attempt: this.#beginning.attempt, invocationEvents: [this.#beginning.event] }),
    }
    this.#rows = []
    this.#beginning = null
    // A line that the database cannot take must not take the attempt with it.
    const written = this.#target.write(entry).catch(this.#onError)
    this.#written = Promise.all([this.#written, written]).then(() => undefined)
  }
}
