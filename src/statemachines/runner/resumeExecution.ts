import type { Pool } from 'pg'
import { PlatformFault } from '../../errors.ts'
import { advance, newExecutionState } from '../engine/advance.ts'
import type { Command } from '../engine/command.ts'
import type { ExecutionState, PendingTask } from '../engine/executionState.ts'
import type { Machine } from '../engine/machine.ts'
import type { Stimulus } from '../engine/stimulus.ts'
import type { TaskOrder } from '../engine/taskOrder.ts'
import { type ChildFacts, type ExecutionRow, machineOfExecution } from './executionFacts.ts'
import type { ClaimedExecution } from './sql/claimExecutions.ts'
import { selectStimuli } from './sql/stimuli.ts'

/** An execution as it was when its last commit became durable. */
export interface ResumedExecution {
  readonly row: ExecutionRow
  readonly machine: Machine
  readonly state: ExecutionState
  readonly sequence: number
}

/** Makes an execution's state again: its snapshot, and what has happened since. Throws where the two do not fit. */
export async function resumeExecution(database: Pool, claimed: ClaimedExecution): Promise<ResumedExecution> {
  const row = rowOfClaimed(claimed)
  const machine = machineOfExecution(row)
  const state = claimed.snapshot === null ? newExecutionState() : (JSON.parse(claimed.snapshot) as ExecutionState)
  const { rows } = await database.query<{ sequence: number; at: Date; body: string }>({
    ...selectStimuli,
    values: [claimed.id, claimed.snapshotSequence],
  })
  for (const { at, body } of rows) await advance(machine, state, JSON.parse(body) as Stimulus, at.getTime())
  if (state.lastEventId !== claimed.lastEventId) {
    throw new PlatformFault(
      `execution ${claimed.id} cannot be resumed: its stimuli lead to event ${state.lastEventId}, its history to ${claimed.lastEventId}`,
    )
  }
  return { row, machine, state, sequence: claimed.sequence }
}

export function rowOfClaimed(claimed: ClaimedExecution): ExecutionRow {
  const { accountId, region, startedAt, child, ...rest } = claimed
  return {
    ...rest,
    scope: { accountId, region },
    startedAtMs: startedAt.getTime(),
    child: child === null ? null : (JSON.parse(child) as ChildFacts),
  }
}

/** What a resumed execution's tasks need: some can be asked for again, of others nobody will ever hear. */
export interface Leftovers {
  readonly again: readonly Extract<Command, { kind: 'RUN_TASK' }>[]
  readonly lost: readonly Stimulus[]
}

/**
 * Sorts the tasks that an execution was waiting for when its process died. What may have begun is not begun again, but
 * fails, so that the state's Retry decides; what is safe to repeat is.
 */
export function leftoversOf(state: ExecutionState): Leftovers {
  const again: Extract<Command, { kind: 'RUN_TASK' }>[] = []
  const lost: Stimulus[] = []
  for (const { phase } of Object.values(state.threads)) {
    if (phase.kind !== 'TASK') continue
    const { task } = phase
    if (isRepeatable(task)) again.push({ kind: 'RUN_TASK', taskId: task.id, token: task.token, order: task.order })
    else if (task.status === 'STARTED' && task.order.kind !== 'ACTIVITY') {
      lost.push({ kind: 'TASK_FAILED', taskId: task.id, failure: { kind: 'FAILED', ...lostError(task.order) } })
    }
  }
  return { again, lost }
}

function isRepeatable({ order, status }: PendingTask): boolean {
  if (order.kind === 'MAP_RUN') return true
  if (order.kind === 'ACTIVITY') return false
  if (status === 'SCHEDULED') return true
  // A nested execution has a name that it is started by once.
  return status === 'STARTED' && order.kind === 'SERVICE' && isNestedStart(order)
}

export function isNestedStart(order: Extract<TaskOrder, { kind: 'SERVICE' }>): boolean {
  return order.resourceType === 'states' && order.action === 'startExecution'
}

function lostError(order: TaskOrder): { error: string; cause: string } {
  const isFunction = order.kind === 'FUNCTION' || (order.kind === 'SERVICE' && order.resourceType === 'lambda')
  return {
    error: isFunction ? 'Lambda.Unknown' : 'States.TaskFailed',
    cause: 'The node that had begun the task was lost before it could tell the outcome.',
  }
}
