import { StateFault } from '../data/fault.ts'
import type { Json, JsonObject } from '../data/json.ts'
import type { Randomness } from '../data/randomness.ts'
import type { Command } from './command.ts'
import { type ExecutionState, type Outcome, ROOT, type Thread, type Variables, type Visit } from './executionState.ts'
import type { EventDetails, HistoryEvent, HistoryEventType } from './historyEvent.ts'
import type { Inspection } from './inspection.ts'
import { type Machine, stateAt } from './machine.ts'
import { randomAt } from './random.ts'

/** A look at an execution while it is going on: what has come of it so far. */
export interface Draft {
  readonly machine: Machine
  readonly state: ExecutionState
  readonly nowMs: number
  readonly history: HistoryEvent[]
  readonly commands: Command[]
  /** Threads that stand before a state, in the order in which they go on. */
  readonly ready: string[]
  /** Threads that a failure has ended and nothing has caught yet: what a redrive takes up again. */
  readonly abandoned: Thread[]
  /** Where TestState wants to see how the data went. */
  readonly inspection?: Inspection
}

/** Executions may have so many events: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const LARGEST_HISTORY = 25_000

/** Thrown where an execution has had all the events that it may have. */
export class HistoryIsFull extends Error {}

/**
 * Records an event and answers with its id. It follows the thread's last event and becomes its last one, unless it is
 * said otherwise.
 */
export function record(
  draft: Draft,
  thread: Thread,
  type: HistoryEventType,
  details: EventDetails | null,
  {
    previousEventId = thread.previousEventId,
    isAside = false,
    invocationId,
  }: { previousEventId?: number; isAside?: boolean; invocationId?: string | undefined } = {},
): number {
  // The last one is left for how the execution ends.
  if (draft.state.lastEventId >= LARGEST_HISTORY - 1) throw new HistoryIsFull()
  draft.state.lastEventId += 1
  const id = draft.state.lastEventId
  draft.history.push({ id, previousEventId, type, timestampMs: draft.nowMs, details, invocationId })
  if (!isAside) thread.previousEventId = id
  return id
}

/** Ends the execution: all threads with it, and what was asked for is called off. */
export function end(draft: Draft, type: HistoryEventType, details: EventDetails, outcome: Outcome): void {
  const { state } = draft
  const previousEventId = state.threads[ROOT]?.previousEventId ?? state.lastEventId
  state.lastEventId += 1
  draft.history.push({ id: state.lastEventId, previousEventId, type, timestampMs: draft.nowMs, details })
  for (const thread of Object.values(state.threads)) callOff(draft, thread)
  const unfinished = [...Object.values(state.threads), ...draft.abandoned]
  state.redrivable =
    outcome.status === 'SUCCEEDED' ? null : Object.fromEntries(unfinished.map((thread) => [thread.id, thread]))
  state.threads = {}
  state.deadlineMs = null
  state.outcome = outcome
  draft.ready.length = 0
}

/** Calls off what a thread has asked for. */
export function callOff(draft: Draft, thread: Thread): void {
  if (thread.phase.kind === 'TASK') draft.commands.push({ kind: 'CANCEL_TASK', taskId: thread.phase.task.id })
}

/** Makes a thread that begins with a state. */
export function startThread(draft: Draft, options: Omit<Thread, 'id' | 'variables' | 'phase'> & { input: Json }): void {
  const { input, ...rest } = options
  draft.state.lastThreadId += 1
  const id = String(draft.state.lastThreadId)
  const phase = { kind: 'ENTERING', stateName: startAt(draft.machine, rest.place), input } as const
  draft.state.threads[id] = { ...rest, id, variables: {}, phase }
  draft.ready.push(id)
}

export function startAt(machine: Machine, place: readonly (string | number)[]): string {
  let found: unknown = machine.definition
  for (const step of place) found = (found as Record<string | number, unknown>)[step]
  return (found as { StartAt: string }).StartAt
}

/** Takes threads away that began under this one, and all under them. Answers those that were still in a state. */
export function endChildren(draft: Draft, parentId: string): Thread[] {
  const ended: Thread[] = []
  for (const thread of Object.values(draft.state.threads)) {
    if (thread.parent?.threadId !== parentId) continue
    ended.push(...endChildren(draft, thread.id), thread)
    callOff(draft, thread)
    delete draft.state.threads[thread.id]
    const position = draft.ready.indexOf(thread.id)
    if (position >= 0) draft.ready.splice(position, 1)
    draft.abandoned.push(thread)
  }
  return ended
}

/** The variables that a thread sees: its own, over those of the threads that it began under. */
export function visibleVariables(draft: Draft, thread: Thread): Variables {
  const { parent } = thread
  const outer =
    parent === null ? draft.machine.facts.variables : visibleVariables(draft, draft.state.threads[parent.threadId]!)
  return { ...outer, ...thread.variables }
}

/** The next random number of the execution. */
export function draw(draft: Draft): number {
  const value = randomAt(draft.machine.seed, draft.state.drawn)
  draft.state.drawn += 1
  return value
}

/** The execution's own chance: a step that is taken again meets the same numbers and ids. */
export function randomnessOf(draft: Draft): Randomness {
  return { next: () => draw(draft), uuid: () => drawUuid(draft) }
}

/** A version 4 UUID. */
export function drawUuid(draft: Draft): string {
  const hex = Array.from({ length: 4 }, () =>
    Math.floor(draw(draft) * 2 ** 32)
      .toString(16)
      .padStart(8, '0'),
  ).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
}

/**
 * The context object, `$$` and `$states.context`.
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
 */
export function contextObject(draft: Draft, thread: Thread, visit: Visit, token: string | null = null): Json {
  const { facts } = draft.machine
  const item = itemOf(draft, thread)
  const ofItem: JsonObject = item === null ? {} : { Map: { Item: { Index: item.index, Value: item.value } } }
  const ofTask: JsonObject = token === null ? {} : { Task: { Token: token } }
  const { givenContext } = draft.machine
  if (givenContext !== undefined) return { ...ofTask, ...givenContext, ...ofItem }
  return {
    Execution: {
      Id: facts.executionArn,
      Input: facts.input,
      Name: facts.name,
      RoleArn: facts.roleArn,
      StartTime: new Date(facts.startedAtMs).toISOString(),
      ...(facts.isExpress ? {} : { RedriveCount: facts.redriveCount }),
    },
    StateMachine: { Id: facts.stateMachineArn, Name: facts.stateMachineName },
    State: {
      Name: visit.stateName,
      EnteredTime: new Date(visit.enteredAtMs).toISOString(),
      ...(canBeRetried(draft, thread, visit) ? { RetryCount: visit.retryCount } : {}),
    },
    ...ofItem,
    ...ofTask,
  }
}

function canBeRetried({ machine }: Draft, { place }: Thread, { stateName }: Visit): boolean {
  const { Type: type } = stateAt(machine, place, stateName)
  return type === 'Task' || type === 'Parallel' || type === 'Map'
}

function itemOf(draft: Draft, thread: Thread): { index: number; value: Json } | null {
  if (thread.item !== null) return thread.item
  const { parent } = thread
  if (parent !== null) return itemOf(draft, draft.state.threads[parent.threadId]!)
  return draft.machine.facts.item as { index: number; value: Json } | null
}

/** The words with which AWS begins what an execution itself has found wrong. */
export function causeInState(visit: Visit, cause: string): string {
  return `An error occurred while executing the state '${visit.stateName}' (entered at the event id #${visit.enteredEventId}). ${cause}`
}

/** What a state may be given and may hand on, in bytes of JSON text. */
const LARGEST_DATA_BYTES = 262_144

/** Throws where a state or task hands on more than it may. */
export function refuseTooMuch(what: string, output: Json): void {
  if (Buffer.byteLength(JSON.stringify(output)) <= LARGEST_DATA_BYTES) return
  throw new StateFault(
    'States.DataLimitExceeded',
    `The state/task '${what}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  )
}
