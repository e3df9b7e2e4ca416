import type { GraphQLScalarType } from 'graphql'
import { dateTime } from './dateTime.ts'
import { json } from './json.ts'
import { bigInt, decimal } from './numbers.ts'

/** How each scalar of the schema is read and written. */
export const scalars = {
  DateTime: functionsOf(dateTime),
  BigInt: functionsOf(bigInt),
  Decimal: functionsOf(decimal),
  JSON: functionsOf(json),
}

/** A whole scalar would bring its own description and `specifiedBy` along: none, in place of the schema's. */
function functionsOf<Internal, External>({
  serialize,
  parseValue,
  parseLiteral,
}: GraphQLScalarType<Internal, External>) {
  return { serialize, parseValue, parseLiteral }
}
