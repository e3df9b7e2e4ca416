import { randomInt } from 'node:crypto'
import type { Pool } from 'pg'
import type { Statement } from '../../db/statementBatch.ts'
import { topics } from '../../events/topics.ts'
import type { Wakeups } from '../../events/wakeups.ts'
import type { Clock } from '../../model/clock.ts'
import { newExecutionState } from '../engine/advance.ts'
import type { Stimulus } from '../engine/stimulus.ts'
import type { ExecutionMove } from './executionEntry.ts'
import { type ExecutionRow, machineOfExecution } from './executionFacts.ts'
import type { ExecutionJournal } from './executionJournal.ts'
import { leftoversOf, resumeExecution } from './resumeExecution.ts'
import { createRunningExecution, type ExecutionHost, type RunningExecution } from './runningExecution.ts'
import {
  type ClaimedExecution,
  claimAbandonedExecutions,
  claimDueExecutions,
  selectNextWake,
} from './sql/claimExecutions.ts'
import { giveBackExecution } from './sql/giveBackExecution.ts'
import { type MessageRow, selectMessages, wakeForgotten } from './sql/inbox.ts'

/** An execution that is to begin. */
export interface NewRun extends Omit<ExecutionRow, 'startedAtMs' | 'seed' | 'redriveCount' | 'billedTransitions'> {
  readonly definitionSha256: Buffer
}

/** Runs the executions of this node, and takes up those that nobody runs. */
export interface ExecutionRunner {
  start(): void
  /**
   * Begins an execution and resolves when that is durable, with the moment it began and how far it has come at once.
   * Rejects with a NameTakenFault.
   */
  begin(run: NewRun): Promise<{ readonly startedAtMs: number; readonly moved: ExecutionMove }>
  /** Resolves when no execution is in memory any more, or when `deadline` aborts: then what is left is taken over. */
  stop(deadline: AbortSignal): Promise<void>
  /** How many executions are in memory. */
  readonly size: number
}

export interface ExecutionRunnerOptions {
  readonly database: Pool
  readonly journal: ExecutionJournal
  readonly clock: Clock
  readonly wakeups: Wakeups
  readonly nodeId: string
  readonly perform: ExecutionHost['perform']
  readonly record: ExecutionHost['record']
  readonly onError: (error: unknown) => void
}

const CLAIMED_AT_ONCE = 100
const MESSAGES_AT_ONCE = 1_000
/** Wake-ups are not lost as a rule; this is for the exception, and for nodes that die. */
const LONGEST_IDLE_MS = 5_000

/** What could not be gone on with rests for so long. */
const TRIED_AGAIN_AFTER_MS = 30_000

export function createExecutionRunner(options: ExecutionRunnerOptions): ExecutionRunner {
  const { database, journal, clock, wakeups, nodeId, perform, record, onError } = options
  const running = new Map<string, RunningExecution>()
  let subscription: Disposable | null = null
  let alarm: Disposable | null = null
  let looking: Promise<void> | null = null
  let mustLookAgain = false
  let isStopping = false
  let whenEmpty: (() => void) | null = null

  const host: ExecutionHost = {
    nodeId,
    clock,
    write: journal.write,
    perform,
    record,
    onError,
    released(id, why) {
      running.delete(id)
      if (running.size === 0) whenEmpty?.()
      // A message may have come while it was put out of memory.
      if (why === 'RESTS') look()
      if (why === 'LOST') giveBack(id)
    },
  }

  /** Something is wrong with it, or with the database: it is tried again later, here or elsewhere. */
  function giveBack(id: string): void {
    const values = [id, nodeId, new Date(clock.now() + TRIED_AGAIN_AFTER_MS)]
    database.query({ ...giveBackExecution, values }).catch(onError)
  }

  function look(): void {
    mustLookAgain = true
    looking ??= lookUntilSettled().finally(() => {
      looking = null
      if (mustLookAgain && !isStopping) look()
    })
  }

  async function lookUntilSettled(): Promise<void> {
    while (mustLookAgain && !isStopping) {
      mustLookAgain = false
      let nextMs = clock.now() + LONGEST_IDLE_MS
      try {
        await database.query({ ...wakeForgotten, values: [new Date(clock.now())] })
        await takeMessages()
        await claim(() => ({ ...claimDueExecutions, values: [nodeId, new Date(clock.now()), CLAIMED_AT_ONCE] }))
        await claim(() => ({ ...claimAbandonedExecutions, values: [nodeId, CLAIMED_AT_ONCE] }))
        const { rows } = await database.query<{ wakeAt: Date | null }>(selectNextWake)
        nextMs = Math.min(nextMs, rows[0]?.wakeAt?.getTime() ?? nextMs)
      } catch (error) {
        onError(error)
      }
      alarm?.[Symbol.dispose]()
      if (!isStopping) alarm = clock.schedule(nextMs, look)
    }
  }

  async function takeMessages(): Promise<void> {
    if (running.size === 0) return
    const { rows } = await database.query<MessageRow>({ ...selectMessages, values: [nodeId, MESSAGES_AT_ONCE, null] })
    for (const { id, executionId, body } of rows) running.get(executionId)?.push(JSON.parse(body) as Stimulus, id)
  }

  async function claim(statement: () => Statement): Promise<void> {
    for (let isMoreLikely = true; isMoreLikely && !isStopping; ) {
      const { rows } = await database.query<ClaimedExecution>(statement())
      for (const claimed of rows) {
        await resume(claimed).catch((error) => {
          onError(error)
          giveBack(claimed.id)
        })
      }
      if (rows.length > 0) mustLookAgain = true
      isMoreLikely = rows.length === CLAIMED_AT_ONCE
    }
  }

  async function resume(claimed: ClaimedExecution): Promise<void> {
    const { row, machine, state, sequence } = await resumeExecution(database, claimed)
    const { rows: messages } = await database.query<MessageRow>({
      ...selectMessages,
      values: [nodeId, MESSAGES_AT_ONCE, row.id],
    })
    const execution = createRunningExecution(host, row, machine, state, { sequence, created: null })
    running.set(row.id, execution)
    const { again, lost } = leftoversOf(state)
    execution.resume(again)
    for (const stimulus of lost) execution.push(stimulus)
    // All at once: else it would be put out of memory before the messages come that it was woken for.
    for (const { id, body } of messages) execution.push(JSON.parse(body) as Stimulus, id)
    // One that is redriven hears so by a message.
    if (state.outcome === null) execution.push({ kind: 'CLOCK' })
  }

  return {
    get size() {
      return running.size
    },
    start() {
      subscription = wakeups.listen(topics.executions, look)
      look()
    },
    async begin({ definitionSha256, ...rest }) {
      const row: ExecutionRow = {
        ...rest,
        startedAtMs: Math.floor(clock.now()),
        seed: randomInt(-(2 ** 31), 2 ** 31),
        redriveCount: 0,
        billedTransitions: 0,
      }
      const created = {
        ...row,
        definitionSha256,
        nodeId,
        mapRunId: row.child?.item?.mapRunId ?? null,
        itemIndex: row.child?.item?.index ?? null,
        child: row.child === null ? null : JSON.stringify(row.child),
      }
      const machine = machineOfExecution(row)
      const execution = createRunningExecution(host, row, machine, newExecutionState(), { sequence: 0, created })
      running.set(row.id, execution)
      execution.push({ kind: 'STARTED' })
      return { startedAtMs: row.startedAtMs, moved: await execution.begun() }
    },
    async stop(deadline) {
      isStopping = true
      subscription?.[Symbol.dispose]()
      alarm?.[Symbol.dispose]()
      await looking
      for (const execution of running.values()) execution.rest()
      if (running.size > 0) {
        await new Promise<void>((resolve) => {
          whenEmpty = resolve
          if (deadline.aborted) resolve()
          else deadline.addEventListener('abort', () => resolve(), { once: true })
        })
      }
      for (const execution of running.values()) execution.drop()
      running.clear()
    },
  }
}
