import { applyTemplate } from '../data/applyTemplate.ts'
import { isObject, type Json } from '../data/json.ts'
import { evaluateJsonata } from '../data/jsonata/evaluateJsonata.ts'
import type { MapRunOrder } from '../engine/taskOrder.ts'

/** What a child execution is given for an item: the item, or what ItemSelector makes of it. Throws StateFaults. */
export async function itemInput(order: MapRunOrder, index: number, value: Json): Promise<Json> {
  const { selector, input, variables } = order
  if (selector === null) return value
  const context: Json = {
    ...(isObject(order.context) ? order.context : {}),
    Map: { Item: { Index: index, Value: value } },
  }
  return selector.isJsonata
    ? evaluateJsonata(selector.template, { states: { input, context }, variables }, { location: 'ItemSelector' })
    : applyTemplate(selector.template, { input, context, variables })
}
