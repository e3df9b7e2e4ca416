import { describe, expect, test } from 'vitest'
import { type ValidateOptions, validateDefinition } from '../../../src/statemachines/definition/validateDefinition.ts'

/** Machines that break one rule each, and what AWS says of them. */

export const INVOKE = 'arn:aws:states:::lambda:invoke'
export const END = { Type: 'Pass', End: true }

/** A machine of one state X, and of those besides that it leads to. */
export const machineOf = (state: object, others: object = {}, top: object = {}) => ({
  ...top,
  StartAt: 'X',
  States: { X: state, ...others },
})
export const task = (fields: object) => machineOf({ Type: 'Task', Resource: INVOKE, End: true, ...fields })
export const jsonata = (state: object, others: object = {}) => machineOf(state, others, { QueryLanguage: 'JSONata' })
export const output = (text: unknown) => jsonata({ ...END, Output: text })
export const processor = (fields: object = {}) => ({ StartAt: 'P', States: { P: END }, ...fields })
export const map = (fields: object) => machineOf({ Type: 'Map', ItemProcessor: processor(), End: true, ...fields })
export const distributed = (fields: object = {}) =>
  map({
    ItemProcessor: processor({ ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } }),
    ...fields,
  })
export const choice = (rule: object) => machineOf({ Type: 'Choice', Choices: [rule], Default: 'Y' }, { Y: END })

export type Expected = readonly [code: string, message: string, location: string | null]
export type Rule = readonly [rule: string, definition: unknown, ...expected: Expected[]]

export function diagnosticsOf(definition: unknown, options: Partial<ValidateOptions> = {}): Expected[] {
  const text = typeof definition === 'string' ? definition : JSON.stringify(definition)
  return validateDefinition(text, { type: 'STANDARD', ...options }).diagnostics.map(
    ({ code, message, location }) => [code, message, location] as const,
  )
}

export const schema = (message: string, location: string | null): Expected => [
  'SCHEMA_VALIDATION_FAILED',
  message,
  location,
]
export const missing = (name: string, location: string): Expected => [
  'MISSING_TRANSITION_TARGET',
  `Missing 'Next' target: ${name}`,
  location,
]
export const unreached = (name: string, location: string): Expected => [
  'MISSING_TRANSITION_TARGET',
  `State "${name}" is not reachable.`,
  location,
]

export function describeRules(subject: string, rules: readonly Rule[]) {
  describe(subject, () => {
    test.each(rules)('%s', (_rule, definition, ...expected) => {
      expect(diagnosticsOf(definition)).toEqual(expected)
    })
  })
}
