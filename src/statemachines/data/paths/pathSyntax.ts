import type { Json } from '../json.ts'

/** What a path begins at. */
export type PathRoot =
  | { readonly kind: 'input' }
  | { readonly kind: 'context' }
  | { readonly kind: 'variable'; readonly name: string }
  /** `@`: the item that a filter looks at. */
  | { readonly kind: 'item' }

/** A step of a path, in Jayway's dialect. https://github.com/json-path/JsonPath */
export type PathStep =
  | { readonly kind: 'property'; readonly name: string }
  /** `['a','b']`: an object of those members where it ends the path, each in turn where it does not. */
  | { readonly kind: 'properties'; readonly names: readonly string[] }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'indexes'; readonly indexes: readonly number[] }
  | { readonly kind: 'slice'; readonly from: number | null; readonly to: number | null }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'descent' }
  | { readonly kind: 'filter'; readonly condition: FilterCondition; readonly text: string }
  | { readonly kind: 'function'; readonly name: string; readonly parameters: readonly FunctionParameter[] }

export type FunctionParameter =
  | { readonly kind: 'json'; readonly value: Json }
  | { readonly kind: 'path'; readonly path: ParsedPath }

export interface ParsedPath {
  readonly root: PathRoot
  readonly steps: readonly PathStep[]
  /** It names one place, so that nothing there is an error; an indefinite path gives a list, empty if need be. */
  readonly isDefinite: boolean
  /** A reference path: root, names and indexes only, so that something can be put there. */
  readonly isReference: boolean
}

export type FilterCondition =
  | { readonly kind: 'or' | 'and'; readonly conditions: readonly FilterCondition[] }
  | { readonly kind: 'not'; readonly condition: FilterCondition }
  | {
      readonly kind: 'compare'
      readonly operator: FilterOperator
      readonly left: FilterOperand
      readonly right: FilterOperand
    }
  | { readonly kind: 'exists'; readonly path: ParsedPath; readonly isNegated: boolean }

export type FilterOperand =
  | { readonly kind: 'path'; readonly path: ParsedPath }
  | { readonly kind: 'literal'; readonly value: Json }
  | { readonly kind: 'pattern'; readonly pattern: RegExp }

export const FILTER_OPERATORS = [
  '==',
  '!=',
  '===',
  '!==',
  '<',
  '<=',
  '>',
  '>=',
  '=~',
  'IN',
  'NIN',
  'CONTAINS',
  'ALL',
  'SIZE',
  'EMPTY',
  'SUBSETOF',
  'ANYOF',
  'NONEOF',
] as const
export type FilterOperator = (typeof FILTER_OPERATORS)[number]

/** The text is no path. */
export class PathSyntaxError extends Error {}

/** `$..price.sum()`: a function over all that a leading `..` found, which gives one value. */
export function isOverAll(steps: readonly PathStep[]): boolean {
  return steps.length > 2 && steps[0]?.kind === 'descent' && steps.at(-1)?.kind === 'function'
}
