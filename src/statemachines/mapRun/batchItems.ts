import type { Json } from '../data/json.ts'
import type { ItemBatcherOrder } from '../engine/taskOrder.ts'

/** AWS's bound of a child's input, in bytes. */
const LARGEST_INPUT_BYTES = 262_144

/** An input of a child execution: of one item, or of a batch. */
export interface ChildInput {
  readonly index: number
  /** What `$$.Map.Item.Value` says. */
  readonly value: Json
  readonly input: Json
}

/**
 * Groups inputs as ItemBatcher says: as many as are asked for, and no more than fit into the bytes that are asked for
 * and that an input may have; an item that is too large by itself is a batch of its own. Without a batcher each is by
 * itself. Batches count from 0.
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itembatcher.html
 */
export async function* batchItems(
  inputs: AsyncIterable<{ readonly value: Json; readonly input: Json }>,
  batcher: ItemBatcherOrder | null,
): AsyncGenerator<ChildInput, void, void> {
  let index = 0
  if (batcher === null) {
    for await (const { value, input } of inputs) {
      yield { index, value, input }
      index += 1
    }
    return
  }
  const extra = batcher.batchInput === null ? {} : { BatchInput: batcher.batchInput }
  const emptyBytes = bytesOf({ ...extra, Items: [] })
  const mostItems = batcher.maxItems ?? Number.POSITIVE_INFINITY
  const mostBytes = Math.min(batcher.maxInputBytes ?? LARGEST_INPUT_BYTES, LARGEST_INPUT_BYTES)
  let items: Json[] = []
  let bytes = emptyBytes
  const batch = (): ChildInput => ({ index, value: items, input: { ...extra, Items: items } })
  for await (const { input } of inputs) {
    const itemBytes = bytesOf(input) + (items.length === 0 ? 0 : 1)
    if (items.length > 0 && (items.length >= mostItems || bytes + itemBytes > mostBytes)) {
      yield batch()
      index += 1
      items = []
      bytes = emptyBytes
    }
    bytes += bytesOf(input) + (items.length === 0 ? 0 : 1)
    items.push(input)
  }
  if (items.length > 0) yield batch()
}

const bytesOf = (value: Json) => Buffer.byteLength(JSON.stringify(value))
