import { StateFault } from '../../data/fault.ts'
import type { Json } from '../../data/json.ts'
import { processorField } from '../../definition/transitions.ts'
import type { MapState } from '../../definition/types.ts'
import { type Draft, drawUuid, visibleVariables } from '../draft.ts'
import { type Evaluation, evaluationOf, numberOf } from '../evaluation.ts'
import type { Thread, Visit } from '../executionState.ts'
import { startTask } from './task.ts'

/** What of a distributed Map is known when its Map Run begins. */
export interface MapRunStart {
  readonly input: Json
  readonly items: Json[] | null
  readonly concurrency: number
  readonly place: (string | number)[]
  readonly key: 'ItemProcessor' | 'Iterator'
}

/** Starts a Map Run: a task whose result is the array of what its child executions gave. */
export async function startMapRun(
  draft: Draft,
  thread: Thread,
  visit: Visit,
  state: MapState,
  evaluation: Evaluation,
  { input, items, concurrency, place, key }: MapRunStart,
): Promise<void> {
  const toleratedFailureCount = await numberOf(
    evaluation,
    'ToleratedFailureCount',
    state.ToleratedFailureCount,
    state.ToleratedFailureCountPath,
    input,
  )
  if (toleratedFailureCount !== null && toleratedFailureCount < 0) {
    throw new StateFault('States.Runtime', 'ToleratedFailureCount cannot be negative.')
  }
  const toleratedFailurePercentage = await percentageOf(evaluation, state, input)
  const inputs = await Promise.all(
    (items ?? []).map(async (value, index) => {
      return { index, value, input: await childInput(draft, thread, visit, state, input, { index, value }) }
    }),
  )
  const mapRunArn = newMapRunArn(draft, visit, state)
  startTask(
    draft,
    thread,
    visit,
    {
      kind: 'MAP_RUN',
      stateName: visit.stateName,
      mapRunArn,
      place: [...place, key],
      items: inputs,
      childType: state[processorField(state)]?.ProcessorConfig?.ExecutionType ?? 'STANDARD',
      concurrency,
      toleratedFailureCount,
      toleratedFailurePercentage,
      variables: visibleVariables(draft, thread),
    },
    null,
  )
}

async function childInput(
  draft: Draft,
  thread: Thread,
  visit: Visit,
  state: MapState,
  input: Json,
  item: { index: number; value: Json },
): Promise<Json> {
  const template = (state.ItemSelector ?? state.Parameters) as Json | undefined
  if (template === undefined) return item.value
  const evaluation = evaluationOf(draft, thread, visit, state, { item })
  return evaluation.isJsonata ? evaluation.jsonata(template, 'ItemSelector') : evaluation.template(template, input)
}

async function percentageOf(evaluation: Evaluation, state: MapState, input: Json): Promise<number | null> {
  const { ToleratedFailurePercentagePath: path, ToleratedFailurePercentage: given } = state
  if (path === undefined && given === undefined) return null
  const value =
    path !== undefined
      ? evaluation.path(path, input)
      : typeof given === 'string'
        ? await evaluation.jsonata(given, 'ToleratedFailurePercentage')
        : given
  if (typeof value === 'number' && value >= 0 && value <= 100) return value
  throw new StateFault('States.Runtime', 'ToleratedFailurePercentage must be between 0 and 100.')
}

/** `mapRun:MACHINE/LABEL:ID`; without a label AWS makes one up. */
function newMapRunArn(draft: Draft, visit: Visit, state: MapState): string {
  const { stateMachineArn, region, accountId } = draft.machine.facts
  const partition = stateMachineArn.split(':')[1]
  const machine = draft.machine.facts.stateMachineName
  const label = state.Label ?? visit.stateName.replace(/\W/g, '').slice(0, 40)
  return `arn:${partition}:states:${region}:${accountId}:mapRun:${machine}/${label}:${drawUuid(draft)}`
}
