import jsonata from 'jsonata'

/**
 * Whether JSONata expressions are what AWS takes: they parse, and they start from `$states` or from variables, since
 * they are evaluated with no context of their own.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */

/** What `$states` offers at a place: `result` where a state has one, `errorOutput` in catchers. */
export type StatesField = 'input' | 'context' | 'result' | 'errorOutput'

export interface JsonataProblem {
  readonly code: 'INVALID_JSONATA_EXPRESSION' | 'UNSUPPORTED_JSONATA_EXPRESSION'
  readonly message: string
}

/** The text between `{%` and `%}`, or null where a string is no expression. */
export function expressionIn(text: string): string | null {
  return text.startsWith('{%') && text.endsWith('%}') && text.length >= 4 ? text.slice(2, -2).trim() : null
}

/** Nodes of the parser's tree; only what is read of them here. */
interface Node {
  readonly type: string
  readonly value?: unknown
  readonly steps?: readonly Node[]
  readonly expressions?: readonly Node[]
  readonly expression?: Node
  readonly arguments?: readonly Node[]
  readonly procedure?: Node
  readonly body?: Node
  readonly condition?: Node
  readonly then?: Node
  readonly else?: Node
  /** Pairs of key and value in an object constructor. */
  readonly lhs?: Node | readonly (readonly Node[])[]
  readonly rhs?: Node
}

/** The first fault of an expression, in the order in which AWS reads it; null where there is none. */
export function jsonataProblem(expression: string, offered: ReadonlySet<StatesField>): JsonataProblem | null {
  let tree: Node
  try {
    tree = jsonata(expression).ast() as unknown as Node
  } catch (error) {
    return { code: 'INVALID_JSONATA_EXPRESSION', message: messageOf(error) }
  }
  try {
    const message = firstUnsupported(tree, offered)
    return message === null ? null : { code: 'UNSUPPORTED_JSONATA_EXPRESSION', message }
  } catch (error) {
    // A tree deeper than the stack cannot be evaluated either.
    if (error instanceof RangeError) return { code: 'INVALID_JSONATA_EXPRESSION', message: messageOf(error) }
    throw error
  }
}

function messageOf(error: unknown): string {
  if (error instanceof RangeError) return 'Expression is too deeply nested'
  const message = (error as { message?: unknown } | null)?.message
  return typeof message === 'string' ? message.replace(/^[SDTU]\d{4}: /, '') : 'Expression could not be parsed'
}

/** Only what is evaluated without a context is looked at: first steps of paths, not later steps, nor predicates. */
function firstUnsupported(node: Node, offered: ReadonlySet<StatesField>): string | null {
  switch (node.type) {
    case 'path':
      return ofPath(node.steps ?? [], offered)
    case 'name':
      return topLevel(String(node.value))
    case 'wildcard':
      return topLevel('*')
    case 'descendant':
      return topLevel('**')
    case 'parent':
      return topLevel('%')
    case 'variable':
      return ofVariable(String(node.value))
    default:
      return firstOf(childrenOf(node), offered)
  }
}

function childrenOf(node: Node): readonly Node[] {
  const pairs = Array.isArray(node.lhs) ? (node.lhs as readonly (readonly Node[])[]).flat() : []
  const left = node.type !== 'bind' && node.lhs !== undefined && !Array.isArray(node.lhs) ? [node.lhs as Node] : []
  // A transform reads its pattern in the value that it is applied to.
  if (node.type === 'transform') return []
  const single = [node.procedure, node.condition, node.then, node.else, node.expression, node.body, node.rhs]
  return [
    ...left,
    ...pairs,
    ...(node.expressions ?? []),
    ...(node.arguments ?? []),
    ...single.filter((child): child is Node => child !== undefined && typeof child === 'object'),
  ]
}

function firstOf(nodes: readonly Node[], offered: ReadonlySet<StatesField>): string | null {
  for (const node of nodes) {
    const problem = firstUnsupported(node, offered)
    if (problem !== null) return problem
  }
  return null
}

function ofPath(steps: readonly Node[], offered: ReadonlySet<StatesField>): string | null {
  const [first, second] = steps
  if (first === undefined) return null
  const problem = firstUnsupported(first, offered)
  if (problem !== null) return problem
  if (first.type !== 'variable' || first.value !== 'states' || second?.type !== 'name') return null
  const field = String(second.value)
  return offered.has(field as StatesField) ? null : `Field '$states.${field}' does not exist.`
}

function ofVariable(name: string): string | null {
  if (name === '$') return "Reference to '$$' is not supported."
  return name === '' ? topLevel('$') : null
}

function topLevel(reference: string): string {
  return `Reference to '${reference}' at the top level is not supported.`
}
