import type { MapState, ParallelState, State } from '../definition/types.ts'
import { type Draft, end, endChildren, record } from './draft.ts'
import type { Phase, Thread, Visit } from './executionState.ts'
import { failState } from './failState.ts'
import { inputDetails, outputDetails } from './historyEvent.ts'
import { stateAt } from './machine.ts'
import { enterChoice } from './states/choice.ts'
import { enterFail } from './states/fail.ts'
import { enterMap, iterationSucceeded } from './states/map.ts'
import { branchSucceeded, enterParallel } from './states/parallel.ts'
import { enterPass } from './states/pass.ts'
import { enterSucceed } from './states/succeed.ts'
import { enterTask } from './states/task.ts'
import { enterWait } from './states/wait.ts'
import { failExecution, within } from './within.ts'

/** So many states are entered at one look; what is left comes with the next, so that nobody waits for long. */
const STATES_AT_A_LOOK = 500

/** Lets every thread go on that stands before a state, or has ended, until all wait. */
export async function settle(draft: Draft): Promise<void> {
  let left = STATES_AT_A_LOOK
  while (draft.ready.length > 0 && left > 0) {
    const thread = draft.state.threads[draft.ready.shift()!]
    if (thread === undefined) continue
    if (thread.phase.kind === 'ENTERING') {
      left -= 1
      await enter(draft, thread, thread.phase)
    } else await ended(draft, thread)
  }
  // The next look finds who stands before a state, but not who has ended.
  await settleEnded(draft)
}

/** Settles what has ended, and lets nobody enter a state yet. */
export async function settleEnded(draft: Draft): Promise<void> {
  for (;;) {
    const position = draft.ready.findIndex((id) => draft.state.threads[id]?.phase.kind !== 'ENTERING')
    if (position < 0) return
    const [id] = draft.ready.splice(position, 1)
    const thread = draft.state.threads[id!]
    if (thread !== undefined) await ended(draft, thread)
  }
}

async function enter(
  draft: Draft,
  thread: Thread,
  { stateName, input }: Extract<Phase, { kind: 'ENTERING' }>,
): Promise<void> {
  const { previousEventId } = thread
  const state = stateAt(draft.machine, thread.place, stateName)
  const enteredEventId = record(draft, thread, `${state.Type}StateEntered`, { name: stateName, ...inputDetails(input) })
  draft.state.transitions += 1
  const visit: Visit = {
    stateName,
    input,
    enteredEventId,
    enteredAtMs: draft.nowMs,
    previousEventId,
    retries: [],
    retryCount: 0,
  }
  await within(draft, thread, visit, (entered) => work(draft, thread, visit, entered))
}

export function work(draft: Draft, thread: Thread, visit: Visit, state: State): Promise<void> {
  switch (state.Type) {
    case 'Pass':
      return enterPass(draft, thread, visit, state)
    case 'Succeed':
      return enterSucceed(draft, thread, visit, state)
    case 'Fail':
      return enterFail(draft, thread, visit, state)
    case 'Choice':
      return enterChoice(draft, thread, visit, state)
    case 'Wait':
      return enterWait(draft, thread, visit, state)
    case 'Task':
      return enterTask(draft, thread, visit, state)
    case 'Parallel':
      return enterParallel(draft, thread, visit, state)
    case 'Map':
      return enterMap(draft, thread, visit, state)
  }
}

/** A thread has come to its end: the execution has ended, or whoever began it hears of it. */
async function ended(draft: Draft, thread: Thread): Promise<void> {
  const { phase, parent } = thread
  if (phase.kind !== 'SUCCEEDED' && phase.kind !== 'FAILED') return
  if (parent === null) {
    if (phase.kind === 'FAILED') return failExecution(draft, phase.error)
    return end(draft, 'ExecutionSucceeded', outputDetails(phase.output), { status: 'SUCCEEDED', output: phase.output })
  }
  const parentThread = draft.state.threads[parent.threadId]!
  delete draft.state.threads[thread.id]
  if (phase.kind === 'FAILED') {
    draft.abandoned.push(thread)
    return childFailed(draft, parentThread, thread, phase)
  }
  const parentPhase = parentThread.phase
  if (parentPhase.kind === 'PARALLEL') {
    await within(draft, parentThread, parentPhase.visit, (state) =>
      branchSucceeded(draft, parentThread, parentPhase, state as ParallelState, thread, phase.output),
    )
  } else if (parentPhase.kind === 'MAP') {
    await within(draft, parentThread, parentPhase.visit, (state) =>
      iterationSucceeded(draft, parentThread, parentPhase, state as MapState, thread, phase.output),
    )
  }
}

/** One branch or iteration that fails ends the others, and its state has failed with its error. */
async function childFailed(
  draft: Draft,
  parent: Thread,
  child: Thread,
  { visit: childVisit, error }: Extract<Phase, { kind: 'FAILED' }>,
): Promise<void> {
  const { phase } = parent
  if (phase.kind !== 'PARALLEL' && phase.kind !== 'MAP') return
  recordAborted(draft, child, childVisit)
  const others = endChildren(draft, parent.id)
  const { visit } = phase
  if (phase.kind === 'MAP') {
    const { previousEventId } = child
    const failed = { name: visit.stateName, index: child.parent!.index }
    record(draft, parent, 'MapIterationFailed', failed, { previousEventId, isAside: true })
  }
  for (const other of others) {
    if ('visit' in other.phase) recordAborted(draft, other, other.phase.visit)
    if (phase.kind !== 'MAP' || other.parent?.threadId !== parent.id) continue
    const aborted = { name: visit.stateName, index: other.parent.index }
    record(draft, parent, 'MapIterationAborted', aborted, { previousEventId: other.previousEventId, isAside: true })
  }
  parent.previousEventId = child.previousEventId
  await within(draft, parent, visit, (state) => failState(draft, parent, visit, state, error))
}

/** States that wait for somebody are said to be aborted when their branch is ended. */
function recordAborted(draft: Draft, thread: Thread, visit: Visit): void {
  const { Type: type } = stateAt(draft.machine, thread.place, visit.stateName)
  if (type !== 'Task' && type !== 'Wait' && type !== 'Map' && type !== 'Parallel') return
  record(draft, thread, `${type}StateAborted`, null, { isAside: true })
}
