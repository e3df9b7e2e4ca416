import { StateFault } from '../../data/fault.ts'
import type { Json } from '../../data/json.ts'
import { processorField } from '../../definition/transitions.ts'
import type { MapState } from '../../definition/types.ts'
import { type Draft, drawUuid, visibleVariables } from '../draft.ts'
import { type Evaluation, numberOf } from '../evaluation.ts'
import type { Thread, Visit } from '../executionState.ts'
import { inspect } from '../inspection.ts'
import type { FailureTolerance } from '../mapRun.ts'
import type { ItemBatcherOrder, ItemReaderOrder, MapRunOrder, ResultWriterOrder } from '../taskOrder.ts'

/** What of a distributed Map is known when its Map Run begins. */
export interface MapRunStart {
  readonly input: Json
  readonly items: Json[] | null
  readonly concurrency: number
  /** Where in the definition its items' states are. */
  readonly place: (string | number)[]
}

/** What a Map Run is to do: a task whose result is the array of what its child executions gave. */
export async function mapRunOrder(
  draft: Draft,
  thread: Thread,
  visit: Visit,
  state: MapState,
  evaluation: Evaluation,
  { input, items, concurrency, place }: MapRunStart,
): Promise<MapRunOrder> {
  const tolerance = await toleranceOf(draft, evaluation, state, input)
  const selector = (state.ItemSelector ?? state.Parameters) as Json | undefined
  return {
    kind: 'MAP_RUN',
    stateName: visit.stateName,
    mapRunArn: newMapRunArn(draft, visit, state),
    place,
    items,
    reader: await readerOf(evaluation, state, input),
    selector: selector === undefined ? null : { template: selector, isJsonata: evaluation.isJsonata },
    batcher: await batcherOf(evaluation, state, input),
    writer: await writerOf(evaluation, state, input),
    input,
    context: evaluation.context,
    childType: state[processorField(state)]?.ProcessorConfig?.ExecutionType ?? 'STANDARD',
    concurrency,
    ...tolerance,
    variables: visibleVariables(draft, thread),
  }
}

async function toleranceOf(
  draft: Draft,
  evaluation: Evaluation,
  state: MapState,
  input: Json,
): Promise<FailureTolerance> {
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
  if (toleratedFailureCount !== null) inspect(draft, { toleratedFailureCount })
  const toleratedFailurePercentage = await percentageOf(evaluation, state, input)
  if (toleratedFailurePercentage !== null) inspect(draft, { toleratedFailurePercentage })
  return { toleratedFailureCount, toleratedFailurePercentage }
}

/** A part of the state that has Parameters or Arguments: what they give. */
async function given(
  evaluation: Evaluation,
  part: { readonly Parameters?: unknown; readonly Arguments?: unknown },
  location: string,
  input: Json,
): Promise<Json> {
  const template = (part.Arguments ?? part.Parameters ?? {}) as Json
  return evaluation.isJsonata
    ? evaluation.jsonata(template, `${location}/Arguments`)
    : evaluation.template(template, input)
}

async function readerOf(evaluation: Evaluation, state: MapState, input: Json): Promise<ItemReaderOrder | null> {
  const { ItemReader: reader } = state
  if (reader === undefined) return null
  const { ReaderConfig: config = {} } = reader
  return {
    resource: reader.Resource,
    config: config as unknown as Json,
    parameters: await given(evaluation, reader, 'ItemReader', input),
    maxItems: await numberOf(evaluation, 'ItemReader/MaxItems', config.MaxItems, config.MaxItemsPath, input),
  }
}

async function batcherOf(evaluation: Evaluation, state: MapState, input: Json): Promise<ItemBatcherOrder | null> {
  const { ItemBatcher: batcher } = state
  if (batcher === undefined) return null
  const { MaxItemsPerBatch: most, MaxItemsPerBatchPath: mostPath, BatchInput: template = null } = batcher
  const { MaxInputBytesPerBatch: bytes, MaxInputBytesPerBatchPath: bytesPath } = batcher
  const batchInput = template as Json
  return {
    maxItems: await numberOf(evaluation, 'MaxItemsPerBatch', most, mostPath, input),
    maxInputBytes: await numberOf(evaluation, 'MaxInputBytesPerBatch', bytes, bytesPath, input),
    batchInput: evaluation.isJsonata
      ? await evaluation.jsonata(batchInput, 'ItemBatcher/BatchInput')
      : evaluation.template(batchInput, input),
  }
}

async function writerOf(evaluation: Evaluation, state: MapState, input: Json): Promise<ResultWriterOrder | null> {
  const { ResultWriter: writer } = state
  if (writer === undefined) return null
  return {
    resource: writer.Resource ?? null,
    parameters: await given(evaluation, writer, 'ResultWriter', input),
    config: (writer.WriterConfig ?? {}) as unknown as Json,
  }
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
