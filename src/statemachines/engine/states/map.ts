import { StateFault } from '../../data/fault.ts'
import type { Json } from '../../data/json.ts'
import { processorField } from '../../definition/transitions.ts'
import type { MapState } from '../../definition/types.ts'
import { type Draft, record, startThread } from '../draft.ts'
import { type Evaluation, evaluationOf, numberOf, throughPath, unexpectedType } from '../evaluation.ts'
import type { InlineMap, Phase, Thread, Visit } from '../executionState.ts'
import { inspect } from '../inspection.ts'
import { leaveWithResult } from '../leaveState.ts'
import { mapRunOrder } from './mapRun.ts'
import { startTask } from './task.ts'

/** How many iterations of an inline Map run at the same time where the state does not say less. */
const INLINE_CONCURRENCY = 40

/** Map: one thread for each item, or, where it is distributed, one execution, which somebody else runs. */
export async function enterMap(draft: Draft, thread: Thread, visit: Visit, state: MapState): Promise<void> {
  const { evaluation, input, items, concurrency } = await planMap(draft, thread, visit, state)
  record(draft, thread, 'MapStateStarted', { length: items?.length ?? 0 })
  const key = processorField(state)
  if (isDistributed(state)) {
    const place = [...thread.place, 'States', visit.stateName, key]
    const order = await mapRunOrder(draft, thread, visit, state, evaluation, { input, items, concurrency, place })
    startTask(draft, thread, visit, order, null)
    return
  }
  const map: InlineMap = {
    items: items ?? [],
    outputs: new Array<Json | undefined>(items?.length ?? 0).fill(undefined),
    next: 0,
    running: 0,
    concurrency: concurrency === 0 ? INLINE_CONCURRENCY : concurrency,
  }
  thread.phase = { kind: 'MAP', visit, map }
  const { previousEventId } = thread
  while (map.running < map.concurrency && map.next < map.items.length) {
    await startIteration(draft, thread, thread.phase, state, previousEventId)
  }
  if (map.items.length === 0) await endMap(draft, thread, visit, state, [])
}

/** What a Map state works on. `items` is null where they are read from outside. */
export interface MapPlan {
  readonly evaluation: Evaluation
  readonly input: Json
  readonly items: Json[] | null
  /** 0 where the state does not say. */
  readonly concurrency: number
}

export async function planMap(draft: Draft, thread: Thread, visit: Visit, state: MapState): Promise<MapPlan> {
  const evaluation = evaluationOf(draft, thread, visit, state)
  const input = evaluation.isJsonata ? visit.input : throughPath(evaluation, state.InputPath, visit.input)
  if (!evaluation.isJsonata) inspect(draft, { afterInputPath: input })
  const items = state.ItemReader === undefined ? await itemsOf(evaluation, state, input) : null
  if (!evaluation.isJsonata && items !== null) inspect(draft, { afterItemsPath: items })
  const concurrency =
    (await numberOf(evaluation, 'MaxConcurrency', state.MaxConcurrency, state.MaxConcurrencyPath, input)) ?? 0
  inspect(draft, { maxConcurrency: concurrency })
  return { evaluation, input, items, concurrency }
}

/** Whether items become executions of their own. */
export function isDistributed(state: MapState): boolean {
  return state[processorField(state)]?.ProcessorConfig?.Mode === 'DISTRIBUTED'
}

async function itemsOf(evaluation: Evaluation, state: MapState, input: Json): Promise<Json[]> {
  if (!evaluation.isJsonata) {
    const path = state.ItemsPath ?? '$'
    const items = evaluation.path(path, input)
    if (Array.isArray(items)) return items
    // Recorded: a path into the context object is told with one dollar.
    const told = path.replace(/^\$\$/, '$')
    throw new StateFault('States.Runtime', `Reference path "${told}" must point to array.`, { hasWholeCause: true })
  }
  const given = state.Items as Json | undefined
  const items = given === undefined ? input : await evaluation.jsonata(given, 'Items')
  if (Array.isArray(items)) return items
  throw unexpectedType(typeof given === 'string' ? given : '$states.input', 'Items', 'array', items)
}

async function startIteration(
  draft: Draft,
  thread: Thread,
  { visit, map }: Extract<Phase, { kind: 'MAP' }>,
  state: MapState,
  previousEventId: number,
): Promise<void> {
  const index = map.next
  map.next += 1
  map.running += 1
  const started = record(
    draft,
    thread,
    'MapIterationStarted',
    { name: visit.stateName, index },
    { previousEventId, isAside: true },
  )
  const item = { index, value: map.items[index]! }
  const place = [...thread.place, 'States', visit.stateName, processorField(state)]
  const input = await iterationInput(draft, thread, visit, state, item)
  startThread(draft, { place, parent: { threadId: thread.id, index }, previousEventId: started, item, input })
}

/** What an iteration is given: the item, or what `ItemSelector` makes of it. */
export async function iterationInput(
  draft: Draft,
  thread: Thread,
  visit: Visit,
  state: MapState,
  item: { index: number; value: Json },
): Promise<Json> {
  const evaluation = evaluationOf(draft, thread, visit, state, { item })
  const template = (state.ItemSelector ?? state.Parameters) as Json | undefined
  if (template === undefined) return item.value
  if (evaluation.isJsonata) return evaluation.jsonata(template, 'ItemSelector')
  return evaluation.template(template, throughPath(evaluation, state.InputPath, visit.input))
}

/** An iteration has succeeded: the next one begins, or the state is left with the last of them. */
export async function iterationSucceeded(
  draft: Draft,
  thread: Thread,
  phase: Extract<Phase, { kind: 'MAP' }>,
  state: MapState,
  iteration: Thread,
  output: Json,
): Promise<void> {
  const { visit, map } = phase
  const { index } = iteration.parent!
  map.outputs[index] = output
  map.running -= 1
  const { previousEventId } = iteration
  const details = { name: visit.stateName, index }
  const succeeded = record(draft, thread, 'MapIterationSucceeded', details, { previousEventId, isAside: true })
  if (map.next < map.items.length) await startIteration(draft, thread, phase, state, previousEventId)
  if (map.running > 0) return
  thread.previousEventId = succeeded
  await endMap(draft, thread, visit, state, map.outputs as Json[])
}

/** Leaves the state with what its iterations have given. */
export async function endMap(
  draft: Draft,
  thread: Thread,
  visit: Visit,
  state: MapState,
  outputs: Json,
): Promise<void> {
  record(draft, thread, 'MapStateSucceeded', null, { isAside: true })
  const evaluation = evaluationOf(draft, thread, visit, state)
  const { ResultSelector: selector } = state
  const result =
    evaluation.isJsonata || selector === undefined ? outputs : evaluation.template(selector as Json, outputs)
  await leaveWithResult(draft, thread, visit, state, evaluation, result)
}
