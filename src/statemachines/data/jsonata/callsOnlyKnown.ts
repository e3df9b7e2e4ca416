/** The functions that JSONata and AWS define. https://docs.jsonata.org/overview.html */
const KNOWN = new Set(
  `sum count max min average string substring substringBefore substringAfter lowercase uppercase length trim pad match
  contains replace split join formatNumber formatBase formatInteger parseInteger number floor ceil round abs sqrt power
  random boolean not map zip filter single reduce sift keys lookup append exists spread merge reverse each error assert
  type sort shuffle distinct base64encode base64decode encodeUrlComponent encodeUrl decodeUrlComponent decodeUrl toMillis
  fromMillis clone now millis partition range hash uuid parse`.split(/\s+/),
)

/** Whether a variable would take the place of a function. */
export function isKnownFunction(name: string): boolean {
  return KNOWN.has(name)
}

interface CallNode {
  readonly type?: unknown
  readonly procedure?: { readonly type?: unknown; readonly value?: unknown }
}

/**
 * Whether each call of a parsed expression is of a function that JSONata or AWS defines. JSONata notes the place of a
 * call on whatever is called before it looks whether that is a function: if it may be data, data must be copied.
 */
export function callsOnlyKnown(tree: unknown): boolean {
  const seen = new Set<object>()
  const open: unknown[] = [tree]
  while (open.length > 0) {
    const node = open.pop()
    if (typeof node !== 'object' || node === null || seen.has(node)) continue
    seen.add(node)
    const { type, procedure } = node as CallNode
    const isCall = type === 'function' || type === 'partial'
    if (isCall && !(procedure?.type === 'variable' && KNOWN.has(String(procedure.value)))) return false
    open.push(...Object.values(node))
  }
  return true
}
