import type { Json } from '../json.ts'

export const INTRINSIC_NAMES = [
  'Array',
  'ArrayContains',
  'ArrayGetItem',
  'ArrayLength',
  'ArrayPartition',
  'ArrayRange',
  'ArrayUnique',
  'Base64Decode',
  'Base64Encode',
  'Format',
  'Hash',
  'JsonMerge',
  'JsonToString',
  'MathAdd',
  'MathRandom',
  'StringSplit',
  'StringToJson',
  'UUID',
] as const
export type IntrinsicName = (typeof INTRINSIC_NAMES)[number]

export interface IntrinsicCall {
  readonly kind: 'call'
  readonly name: IntrinsicName
  readonly parameters: readonly IntrinsicParameter[]
  /** As it was written: causes quote it. */
  readonly text: string
}

export type IntrinsicParameter =
  | IntrinsicCall
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'value'; readonly value: Json }
  /** `raw` has its escapes still: to `States.Format` an escaped brace is no place to fill. */
  | { readonly kind: 'text'; readonly raw: string }
