import { GraphQLError, GraphQLScalarType, Kind } from 'graphql'

/**
 * A number that travels as text, inside and outside: JSON's own lose digits. `isValid` is asked of everything that
 * comes in and of everything that goes out.
 */
export function numberTextScalar(
  name: string,
  isValid: (text: string) => boolean,
  example: string,
): GraphQLScalarType<string, string> {
  function parse(value: unknown): string {
    if (typeof value === 'string' && isValid(value)) return value
    throw new GraphQLError(`A ${name} is a string such as "${example}".`)
  }
  return new GraphQLScalarType<string, string>({
    name,
    serialize(value) {
      const text = typeof value === 'bigint' ? String(value) : value
      if (typeof text === 'string' && isValid(text)) return text
      throw new TypeError(`a ${name} must be such a number as text, not ${JSON.stringify(text)}`)
    },
    parseValue: parse,
    parseLiteral: (node) => parse(node.kind === Kind.STRING ? node.value : null),
  })
}
