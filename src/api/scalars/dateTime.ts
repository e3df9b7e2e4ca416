import { GraphQLError, GraphQLScalarType, Kind } from 'graphql'

const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/i

/** `DateTime`: a Date inside, RFC 3339 in UTC with milliseconds outside; any offset is taken. */
export const dateTime = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  serialize(value) {
    if (value instanceof Date) return value.toISOString()
    throw new TypeError(`a DateTime must be a Date, not ${typeof value}`)
  },
  parseValue: (value) => parse(value),
  parseLiteral: (node) => parse(node.kind === Kind.STRING ? node.value : null),
})

function parse(value: unknown): Date {
  const date = typeof value === 'string' && RFC_3339.test(value) ? new Date(value) : null
  if (date !== null && !Number.isNaN(date.getTime())) return date
  throw new GraphQLError('A DateTime is a string such as "2026-11-23T05:14:00.000Z".')
}
