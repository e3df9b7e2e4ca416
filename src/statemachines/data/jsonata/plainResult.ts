import type { Json } from '../json.ts'

/** JSONata's results may be nested no deeper than this. */
const DEPTH_AT_MOST = 1_000

/**
 * A result of JSONata as plain JSON: sequences are lists, members that are nothing are left out. `undefined` where it
 * holds a function or a number that JSON has no word for.
 */
export function plainResult(value: unknown, depth = 0): Json | undefined {
  if (depth > DEPTH_AT_MOST) return undefined
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
  // Not -0 either, which JSON would lose.
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : undefined
  if (Array.isArray(value)) return plainList(value, depth)
  if (typeof value !== 'object' || isFunction(value)) return undefined
  const members: [string, Json][] = []
  for (const [key, member] of Object.entries(value as object)) {
    if (member === undefined) continue
    const plain = plainResult(member, depth + 1)
    if (plain === undefined) return undefined
    members.push([key, plain])
  }
  return Object.fromEntries(members)
}

function plainList(items: readonly unknown[], depth: number): Json[] | undefined {
  const list: Json[] = []
  for (const item of items) {
    if (item === undefined) continue
    const plain = plainResult(item, depth + 1)
    if (plain === undefined) return undefined
    list.push(plain)
  }
  return list
}

function isFunction(value: object | null): boolean {
  const marks = value as {
    _jsonata_lambda?: unknown
    _jsonata_function?: unknown
    implementation?: unknown
    body?: unknown
  }
  return (
    (marks._jsonata_lambda === true && marks.body !== undefined) ||
    (marks._jsonata_function === true && typeof marks.implementation === 'function')
  )
}
