import type { RanInvocation } from '../../invocations/journalEntry.ts'
import type { Clock } from '../../model/clock.ts'
import { newInvocationId } from '../../model/invocationId.ts'
import { advance, nextDueAtMs } from '../engine/advance.ts'
import type { Command } from '../engine/command.ts'
import type { ExecutionState } from '../engine/executionState.ts'
import type { HistoryEvent } from '../engine/historyEvent.ts'
import type { Machine } from '../engine/machine.ts'
import type { Stimulus } from '../engine/stimulus.ts'
import { chargeOf, endingOf, parentMessage } from './endedExecution.ts'
import type { ExecutionEntry, ExecutionMove, NewExecution, NextOfExecution, StimulusRow } from './executionEntry.ts'
import type { ExecutionRow } from './executionFacts.ts'
import { ExecutionLostFault } from './executionJournal.ts'
import { isCounted } from './openExecutions.ts'

/** A task that this process is to carry out. */
export type RunTask = Extract<Command, { kind: 'RUN_TASK' }> & {
  /** Of the invocation, where it is a function's. */
  readonly requestId: string
  /**
   * Resolves when it is durable that the task has begun: nothing may be done for it before, but what it needs may be
   * read. Rejects where it is not to begin after all.
   */
  readonly begun: Promise<void>
}

/** What has become of a task. */
export interface TaskEnd {
  readonly stimulus: Stimulus
  /** The function that ran for it, if one did: its rows are written in the commit that takes the stimulus. */
  readonly invocation: RanInvocation | null
}

/** What a running execution needs of whoever hosts it. */
export interface ExecutionHost {
  readonly nodeId: string
  readonly clock: Clock
  readonly write: (entry: ExecutionEntry) => Promise<void>
  /** Makes an invocation durable that no commit of the execution takes any more. */
  readonly record: (invocation: RanInvocation) => void
  /** Carries a task out; what it answers is what has become of it, or null where that comes by message. */
  readonly perform: (execution: ExecutionRow, task: RunTask, signal: AbortSignal) => Promise<TaskEnd | null>
  /** The execution is no longer this process's: it has ended, rests, or was lost. */
  readonly released: (id: string, why: 'ENDED' | 'RESTS' | 'LOST') => void
  readonly onError: (error: unknown) => void
}

/** An execution in memory: takes stimuli one batch after the other, and does what comes of each once it is durable. */
export interface RunningExecution {
  readonly row: ExecutionRow
  /** Something has happened to it. A message that was pushed before is ignored. */
  push(stimulus: Stimulus, messageId?: bigint): void
  /** Resolves when its first commit is durable, with how far that went; rejects with what kept it from beginning. */
  begun(): Promise<ExecutionMove>
  /** Carries out tasks that were asked for before it came into memory. */
  resume(tasks: readonly Extract<Command, { kind: 'RUN_TASK' }>[]): void
  /** Puts it out of memory as soon as it may be; tasks under way are waited for. */
  rest(): void
  /** Lets go of it without another word: the process ends, or another node has it. */
  drop(): void
}

/** Something that has happened to an execution and is not durable yet. */
interface Happening extends TaskEnd {
  /** Of the message that told of it, if one did. */
  readonly messageId: bigint | null
}

/** Why a task is to end: nobody wants its outcome any more, or somebody else goes on with it. */
export const CALLED_OFF = 'CALLED_OFF'
export const PUT_AWAY = 'PUT_AWAY'

/** An execution with as much in front of it is put out of memory. */
const REST_AFTER_MS = 10_000

export function createRunningExecution(
  host: ExecutionHost,
  row: ExecutionRow,
  machine: Machine,
  state: ExecutionState,
  { sequence: resumedAt, created }: { readonly sequence: number; readonly created: NewExecution | null },
): RunningExecution {
  const { clock } = host
  let sequence = resumedAt
  let toCreate = created
  let queue: Happening[] = []
  const seenMessages = new Set<bigint>()
  const underWay = new Map<number, { readonly controller: AbortController; readonly isResumable: boolean }>()
  let alarm: Disposable | null = null
  let isLooking = false
  let isGone = false
  let mustRest = false
  let beginning: { resolve: (first: ExecutionMove) => void; reject: (error: unknown) => void } | null = null

  function push(happening: Happening): void {
    const { messageId } = happening
    if (isGone) {
      recordAlone([happening])
      return
    }
    if (messageId !== null && seenMessages.has(messageId)) return
    if (messageId !== null) seenMessages.add(messageId)
    queue.push(happening)
    look()
  }

  /** What ran is billed, whatever became of the execution. */
  function recordAlone(happenings: readonly Happening[]): void {
    for (const { invocation } of happenings) if (invocation !== null) host.record(invocation)
  }

  function look(): void {
    if (isLooking) return
    isLooking = true
    takeUntilSettled()
      .catch(failed)
      .finally(() => {
        isLooking = false
        if (queue.length > 0 && !isGone) look()
      })
  }

  async function takeUntilSettled(): Promise<void> {
    alarm?.[Symbol.dispose]()
    while (queue.length > 0 && !isGone) await takeAll()
    if (isGone) return
    const dueAtMs = nextDueAtMs(state)
    if (dueAtMs !== null) alarm = clock.schedule(dueAtMs, () => push(LOOK))
  }

  async function takeAll(): Promise<void> {
    const taken = queue
    queue = []
    try {
      await commit(taken)
    } catch (error) {
      recordAlone(taken)
      throw error
    }
  }

  async function commit(taken: readonly Happening[]): Promise<void> {
    const nowMs = Math.floor(clock.now())
    const sequenceBefore = sequence
    const stimuli: StimulusRow[] = []
    const events: HistoryEvent[] = []
    const commands: Command[] = []
    const tokensBefore = pendingTokens(state)
    let isUnfinished = false

    const take = async (stimulus: Stimulus) => {
      const step = await advance(machine, state, stimulus, nowMs)
      sequence += 1
      stimuli.push({ executionId: row.id, sequence, atMs: nowMs, body: JSON.stringify(stimulus) })
      events.push(...step.history)
      commands.push(...step.commands)
      isUnfinished = step.isUnfinished
    }
    for (const { stimulus } of taken) await take(stimulus)
    const calledOff = new Set(commands.flatMap((command) => (command.kind === 'CANCEL_TASK' ? command.taskId : [])))
    const tasks: Omit<RunTask, 'begun'>[] = []
    for (const command of [...commands]) {
      if (command.kind !== 'RUN_TASK' || calledOff.has(command.taskId)) continue
      const requestId = newInvocationId()
      tasks.push({ ...command, requestId })
      // Noted in the same commit: what may have begun is never begun a second time.
      if (beginsAtOnce(command) && !mustRest) await take({ kind: 'TASK_STARTED', taskId: command.taskId, requestId })
    }
    if (isUnfinished) queue.unshift(LOOK)

    const next = nextOf(tasks, nowMs)
    const tokensAfter = pendingTokens(state)
    const itemEnded = itemEndedWith(next)
    const moved: ExecutionMove = {
      id: row.id,
      nodeId: host.nodeId,
      sequenceBefore,
      sequence,
      lastEventId: state.lastEventId,
      transitions: state.transitions,
      next,
    }
    const written = host.write({
      executionId: row.id,
      scope: row.scope,
      isCounted: isCounted(row),
      created: toCreate,
      moved,
      // Of one that ends or rests the snapshot says it all.
      stimuli: next.kind === 'RUNS' ? stimuli : [],
      events: events.map((event) => ({ ...event, executionId: row.id })),
      tokens: [...tokensAfter]
        .filter(([taskId]) => !tokensBefore.has(taskId))
        .map(([taskId, token]) => ({ token, accountId: row.scope.accountId, executionId: row.id, taskId })),
      activityTasks: tasks.flatMap(({ order, token }) =>
        order.kind === 'ACTIVITY' && token !== null
          ? { activityArn: order.activityArn, token, input: JSON.stringify(order.input) }
          : [],
      ),
      endedTasks: [...tokensBefore.keys()]
        .filter((taskId) => !tokensAfter.has(taskId))
        .map((taskId) => ({ executionId: row.id, taskId })),
      taken: taken.flatMap(({ messageId }) => messageId ?? []),
      invocations: taken.flatMap(({ invocation }) => invocation ?? []),
      messages: next.kind === 'ENDED' ? parentMessage(row, next, nowMs) : [],
      itemEnded,
      charge: next.kind === 'ENDED' ? chargeOf(row, state.transitions, next.stoppedAtMs) : null,
    })
    if (next.kind === 'RUNS') for (const task of tasks) perform({ ...task, begun: written })
    await written
    if (toCreate !== null) beginning?.resolve(moved)
    toCreate = null
    for (const { messageId } of taken) if (messageId !== null) seenMessages.delete(messageId)
    for (const taskId of calledOff) underWay.get(taskId)?.controller.abort(CALLED_OFF)
    if (next.kind !== 'RUNS') release(next.kind)
  }

  function nextOf(tasks: readonly Pick<RunTask, 'order'>[], nowMs: number): NextOfExecution {
    if (state.outcome !== null) return endingOf(state, state.outcome, nowMs)
    const mustPerform = tasks.some(({ order }) => order.kind !== 'ACTIVITY')
    const dueAtMs = nextDueAtMs(state)
    const snapshot = () => JSON.stringify(state)
    if (mustRest && [...underWay.values()].every(({ isResumable }) => isResumable)) {
      // Who takes it up carries out what has not begun, or can be gone on with.
      return { kind: 'RESTS', snapshot: snapshot(), wakeAtMs: mustPerform || underWay.size > 0 ? nowMs : dueAtMs }
    }
    if (underWay.size > 0 || queue.length > 0) return { kind: 'RUNS' }
    if (mustPerform || (dueAtMs !== null && dueAtMs - nowMs < REST_AFTER_MS)) return { kind: 'RUNS' }
    return { kind: 'RESTS', snapshot: snapshot(), wakeAtMs: dueAtMs }
  }

  function itemEndedWith(next: NextOfExecution): ExecutionEntry['itemEnded'] {
    const item = row.child?.item ?? null
    if (next.kind !== 'ENDED' || item === null) return null
    return { mapRunId: item.mapRunId, isSucceeded: next.status === 'SUCCEEDED' }
  }

  function perform(task: RunTask): void {
    if (task.order.kind === 'ACTIVITY') return
    const controller = new AbortController()
    underWay.set(task.taskId, { controller, isResumable: task.order.kind === 'MAP_RUN' })
    let hasBegun = false
    task.begun.then(
      () => {
        hasBegun = true
      },
      () => undefined,
    )
    host.perform(row, task, controller.signal).then(
      (end) => {
        underWay.delete(task.taskId)
        if (end !== null) push({ ...end, messageId: null })
        else if (mustRest || underWay.size === 0) push(LOOK)
      },
      (error) => {
        underWay.delete(task.taskId)
        // Whoever waits for the commit hears why.
        if (!hasBegun) return
        host.onError(error)
        push(told({ kind: 'TASK_FAILED', taskId: task.taskId, failure: PLATFORM_FAILURE }))
      },
    )
  }

  function failed(error: unknown): void {
    if (toCreate !== null) beginning?.reject(error)
    else if (!(error instanceof ExecutionLostFault)) host.onError(error)
    release('LOST')
  }

  function release(why: 'ENDED' | 'RESTS' | 'LOST'): void {
    leave()
    host.released(row.id, why)
  }

  function leave(): void {
    isGone = true
    alarm?.[Symbol.dispose]()
    recordAlone(queue)
    queue = []
    // Functions that still run for it are let finish: they are billed, and nobody hears their outcome.
    for (const { controller } of underWay.values()) controller.abort(PUT_AWAY)
  }

  return {
    row,
    push: (stimulus, messageId) => push(told(stimulus, messageId)),
    begun: () =>
      new Promise((resolve, reject) => {
        beginning = { resolve, reject }
      }),
    resume(tasks) {
      for (const task of tasks) perform({ ...task, requestId: newInvocationId(), begun: Promise.resolve() })
    },
    rest() {
      mustRest = true
      push(LOOK)
    },
    drop: leave,
  }
}

function told(stimulus: Stimulus, messageId: bigint | null = null): Happening {
  return { stimulus, invocation: null, messageId }
}

const LOOK: Happening = told({ kind: 'CLOCK' })

const PLATFORM_FAILURE = {
  kind: 'FAILED',
  error: 'States.TaskFailed',
  cause: 'The service could not carry the task out. Its log says why.',
} as const

/** Work that begins with its call. Activities begin when a worker fetches them, Map Runs say so themselves. */
function beginsAtOnce({ order }: Command & { kind: 'RUN_TASK' }): boolean {
  return order.kind === 'FUNCTION' || order.kind === 'SERVICE'
}

/** The tokens that are out, by task. */
function pendingTokens(state: ExecutionState): Map<number, string> {
  const tokens = new Map<number, string>()
  for (const { phase } of Object.values(state.threads)) {
    if (phase.kind === 'TASK' && phase.task.token !== null) tokens.set(phase.task.id, phase.task.token)
  }
  return tokens
}
