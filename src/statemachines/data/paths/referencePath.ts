import { StateFault } from '../fault.ts'
import { isObject, type Json, memberOf } from '../json.ts'
import { parsePath } from './parsePath.ts'
import type { PathStep } from './pathSyntax.ts'

/**
 * Whether a text is a reference path: one that can only name a single place, with names and indexes as its steps.
 * https://states-language.net/#ref-paths
 */
export function isReferencePath(path: string): boolean {
  return parsePath(path)?.isReference === true
}

/**
 * The document with `value` put at a reference path that begins with `$`, as ResultPath does it: objects on the way
 * that are missing are made; items of lists can be replaced but not added. The document itself stays as it is. Throws a
 * StateFault where something on the way is neither an object nor a list with such an item.
 */
export function setAtReferencePath(document: Json, path: string, value: Json): Json {
  const parsed = parsePath(path)
  if (parsed === null || !parsed.isReference || parsed.root.kind !== 'input') throw conflict(document, path)
  return setAt(document, parsed.steps, 0, value) ?? refuse(document, path)
}

/** `undefined` where the value cannot be put. */
function setAt(document: Json | undefined, steps: readonly PathStep[], at: number, value: Json): Json | undefined {
  const step = steps[at]
  if (step === undefined) return value
  if (step.kind === 'property') {
    if (document !== undefined && !isObject(document)) return undefined
    const member = setAt(memberOf(document, step.name), steps, at + 1, value)
    return member === undefined ? undefined : { ...document, [step.name]: member }
  }
  if (step.kind !== 'index' || !Array.isArray(document) || step.index >= document.length) return undefined
  const item = setAt(document[step.index], steps, at + 1, value)
  return item === undefined ? undefined : document.with(step.index, item)
}

function refuse(document: Json, path: string): never {
  throw conflict(document, path)
}

/** AWS reports this name, though its documentation calls the error `States.ResultPathMatchFailure`. */
function conflict(document: Json, path: string): StateFault {
  return new StateFault(
    'States.ReferencePathConflict',
    `Unable to apply ReferencePath ${path} to input ${JSON.stringify(document)}`,
    { hasWholeCause: true },
  )
}
