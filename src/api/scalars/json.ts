import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql'

/** How deep lists and objects may lie in each other. */
export const JSON_DEPTH = 64

type Variables = Readonly<Record<string, unknown>> | null | undefined

/** `JSON`: any JSON value, nested at most 64 deep. Literals may hold variables. */
export const json = new GraphQLScalarType<unknown, unknown>({
  name: 'JSON',
  serialize: (value) => value,
  parseValue(value) {
    refuseTooDeep(value, JSON_DEPTH)
    return value
  },
  parseLiteral: (node, variables) => literalValue(node, variables, JSON_DEPTH),
})

function tooDeep(): GraphQLError {
  return new GraphQLError(`JSON may be nested ${JSON_DEPTH} deep at most; pass deeper documents as text.`)
}

function refuseTooDeep(value: unknown, depthLeft: number): void {
  if (typeof value !== 'object' || value === null) return
  if (depthLeft === 0) throw tooDeep()
  if (Array.isArray(value)) for (const item of value) refuseTooDeep(item, depthLeft - 1)
  else for (const item of Object.values(value)) refuseTooDeep(item, depthLeft - 1)
}

function literalValue(node: ValueNode, variables: Variables, depthLeft: number): unknown {
  switch (node.kind) {
    case Kind.NULL:
      return null
    case Kind.STRING:
    case Kind.BOOLEAN:
      return node.value
    case Kind.INT:
    case Kind.FLOAT:
      return Number(node.value)
    case Kind.LIST:
      if (depthLeft === 0) throw tooDeep()
      return node.values.map((item) => literalValue(item, variables, depthLeft - 1))
    case Kind.OBJECT:
      if (depthLeft === 0) throw tooDeep()
      // `fromEntries` makes a property of its own also of "__proto__".
      return Object.fromEntries(
        node.fields.map(({ name, value }) => [name.value, literalValue(value, variables, depthLeft - 1)]),
      )
    case Kind.VARIABLE: {
      const value = variables?.[node.name.value]
      refuseTooDeep(value, depthLeft)
      return value
    }
    case Kind.ENUM:
      throw new GraphQLError(`JSON has no names such as ${node.value}; write it in quotes.`)
  }
}
