import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql'
import { PAGE_DEFAULT, PAGE_LIMIT } from '../connection.ts'

/** The values of a request's variables, before they are coerced. */
export type VariableValues = Readonly<Record<string, unknown>>

/** What can be said of an operation without running it. */
export interface OperationShape {
  /** How deep its fields lie in each other; a root field alone is 1. */
  readonly depth: number
  /** How many root fields it asks for, each under its own alias. */
  readonly rootFields: number
  /** Every field it asks for, as `Type.field`, without those of introspection. */
  readonly fields: ReadonlySet<string>
  /** How many fields its answer can have: those of a page count once for each item. */
  cost(variables: VariableValues): number
}

export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>

type Cost = (variables: VariableValues) => number

interface Walk {
  readonly schema: GraphQLSchema
  readonly fragments: Fragments
  readonly fields: Set<string>
  /** Each fragment is walked once: those that use others twice would take twice the time at each level. */
  readonly known: Map<string, Part>
}

interface Part {
  readonly depth: number
  readonly count: number
  readonly cost: Cost
}

/** Describes an operation of a valid document. */
export function operationShape(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: Fragments,
): OperationShape {
  const fields = new Set<string>()
  const root = schema.getRootType(operation.operation)
  const part = walk({ schema, fragments, fields, known: new Map() }, root ?? undefined, operation.selectionSet)
  return { depth: part.depth, rootFields: part.count, fields, cost: part.cost }
}

function walk(state: Walk, type: GraphQLNamedType | undefined, { selections }: SelectionSetNode): Part {
  return joined(selections.map((selection) => walkSelection(state, type, selection)))
}

function walkSelection(state: Walk, type: GraphQLNamedType | undefined, selection: SelectionNode): Part {
  switch (selection.kind) {
    case Kind.FIELD:
      return walkField(state, type, selection)
    case Kind.INLINE_FRAGMENT: {
      const name = selection.typeCondition?.name.value
      return walk(state, name === undefined ? type : state.schema.getType(name), selection.selectionSet)
    }
    case Kind.FRAGMENT_SPREAD:
      return walkFragment(state, selection.name.value)
  }
}

function walkFragment(state: Walk, name: string): Part {
  const known = state.known.get(name)
  if (known !== undefined) return known
  const fragment = state.fragments.get(name)
  if (fragment === undefined) return NOTHING
  const walked = walk(state, state.schema.getType(fragment.typeCondition.name.value), fragment.selectionSet)
  const part = { ...walked, cost: remembered(walked.cost) }
  state.known.set(name, part)
  return part
}

function walkField(state: Walk, parent: GraphQLNamedType | undefined, field: FieldNode): Part {
  const name = field.name.value
  // Introspection is bounded by graphql's own rule.
  if (name.startsWith('__')) return LEAF
  const definition = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined
  if (definition === undefined) return LEAF
  state.fields.add(`${parent!.name}.${name}`)
  if (field.selectionSet === undefined) return LEAF
  const below = walk(state, getNamedType(definition.type), field.selectionSet)
  const items = itemsOf(field, new Set(definition.args.map((argument) => argument.name)))
  return { depth: below.depth + 1, count: 1, cost: (variables) => 1 + items(variables) * below.cost(variables) }
}

/** How many objects a field can have: the page size of a connection, the ids of `nodes`, else 1. */
function itemsOf(field: FieldNode, known: ReadonlySet<string>): Cost {
  const argumentOf = (name: string) => field.arguments?.find((argument) => argument.name.value === name)?.value
  if (known.has('ids')) {
    const ids = argumentOf('ids')
    return (variables) => {
      const value = ids === undefined ? [] : ids.kind === Kind.LIST ? ids.values : read(ids, variables)
      return Array.isArray(value) ? value.length : 1
    }
  }
  if (!known.has('first')) return () => 1
  const first = argumentOf('first')
  return (variables) => {
    const value = first === undefined ? PAGE_DEFAULT : read(first, variables)
    // What is out of range is refused where the page is read.
    return typeof value === 'number' && value >= 1 ? Math.min(value, PAGE_LIMIT) : PAGE_DEFAULT
  }
}

function read(node: ValueNode, variables: VariableValues): unknown {
  if (node.kind === Kind.VARIABLE) return variables[node.name.value]
  return node.kind === Kind.INT ? Number(node.value) : undefined
}

/** Works a cost out once for the same variables. */
function remembered(cost: Cost): Cost {
  let last: { readonly variables: VariableValues; readonly value: number } | null = null
  return (variables) => {
    if (last?.variables !== variables) last = { variables, value: cost(variables) }
    return last.value
  }
}

const NOTHING: Part = { depth: 0, count: 0, cost: () => 0 }
const LEAF: Part = { depth: 1, count: 1, cost: () => 1 }

function joined(parts: readonly Part[]): Part {
  return {
    depth: Math.max(0, ...parts.map(({ depth }) => depth)),
    count: parts.reduce((sum, { count }) => sum + count, 0),
    cost: (variables) => parts.reduce((sum, { cost }) => sum + cost(variables), 0),
  }
}
