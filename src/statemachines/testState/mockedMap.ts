import { Readable } from 'node:stream'
import { UserFault } from '../../errors.ts'
import { StateFault } from '../data/fault.ts'
import type { Json } from '../data/json.ts'
import { processorField } from '../definition/transitions.ts'
import type { MapState } from '../definition/types.ts'
import { failState } from '../engine/failState.ts'
import { inspect } from '../engine/inspection.ts'
import { EXCEEDED_TOLERANCE, mapRunVerdict } from '../engine/mapRun.ts'
import { endMap, isDistributed, iterationInput, type MapPlan, planMap } from '../engine/states/map.ts'
import { mapRunOrder } from '../engine/states/mapRun.ts'
import type { ItemReaderOrder, MapRunOrder } from '../engine/taskOrder.ts'
import { batchItems } from '../mapRun/batchItems.ts'
import { itemInput } from '../mapRun/itemInput.ts'
import { MalformedItems, parseItems } from '../mapRun/parseItems.ts'
import type { TestedRun } from './testedRun.ts'
import type { Mock, StateConfiguration } from './testStateRequest.ts'

/**
 * A Map whose iterations are not run: what they would be given is made, and what they gave is mocked. Throws a UserFault
 * where more of them are said to have failed than there are.
 */
export async function mockedMap(
  { draft, thread, visit }: TestedRun,
  state: MapState,
  mock: Mock,
  { mapIterationFailureCount, mapItemReaderData }: StateConfiguration,
): Promise<void> {
  const plan = await planMap(draft, thread, visit, state)
  const place = [...thread.place, 'States', visit.stateName, processorField(state)]
  const order = isDistributed(state)
    ? await mapRunOrder(draft, thread, visit, state, plan.evaluation, { ...plan, place })
    : null
  const items = plan.items ?? (await itemsRead(order!.reader!, mapItemReaderData ?? ''))
  const inputs = await inputsOf({ draft, thread, visit }, state, order, items)
  if (mapIterationFailureCount !== null && mapIterationFailureCount > inputs.length) {
    const message = 'Map iteration failure count must be less than or equal to the number of Map iterations'
    throw new UserFault('VALIDATION', message, ['input', 'stateConfiguration', 'mapIterationFailureCount'])
  }
  const { errorOutput, result } = mock
  const error =
    errorOutput ?? (isExceeded(order, mapIterationFailureCount ?? 0, inputs.length) ? EXCEEDED_TOLERANCE : null)
  if (error !== null) await failState(draft, thread, visit, state, error)
  else await endMap(draft, thread, visit, state, result!)
}

/** What each iteration is given. */
async function inputsOf(
  { draft, thread, visit }: Pick<TestedRun, 'draft' | 'thread' | 'visit'>,
  state: MapState,
  order: MapRunOrder | null,
  items: NonNullable<MapPlan['items']>,
): Promise<Json[]> {
  const selected: { value: Json; input: Json }[] = []
  for (const [index, value] of items.entries()) {
    const input =
      order === null
        ? await iterationInput(draft, thread, visit, state, { index, value })
        : await itemInput(order, index, value)
    selected.push({ value, input })
  }
  const inputs = selected.map(({ input }) => input)
  if ((state.ItemSelector ?? state.Parameters) !== undefined) inspect(draft, { afterItemSelector: inputs })
  if (order?.batcher == null) return inputs
  const batches: Json[] = []
  for await (const { input } of batchItems(Readable.from(selected), order.batcher)) batches.push(input)
  inspect(draft, { afterItemBatcher: batches })
  return batches
}

async function itemsRead(reader: ItemReaderOrder, data: string): Promise<Json[]> {
  const items: Json[] = []
  try {
    for await (const item of parseItems(Readable.from([Buffer.from(data)]), reader.config)) {
      if (items.length === (reader.maxItems ?? Number.POSITIVE_INFINITY)) break
      items.push(item)
    }
  } catch (error) {
    if (!(error instanceof MalformedItems)) throw error
    throw new StateFault('States.ItemReaderFailed', error.message, { hasWholeCause: true })
  }
  return items
}

/** As recorded: a state that says nothing of failures is not judged by them, though in an execution it would be. */
function isExceeded(order: MapRunOrder | null, failed: number, total: number): boolean {
  if (order === null) return false
  if (order.toleratedFailureCount === null && order.toleratedFailurePercentage === null) return false
  return mapRunVerdict({ succeeded: total - failed, failed, total }, order) === 'FAILED'
}
