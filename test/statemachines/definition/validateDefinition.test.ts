import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createStateMachineError } from '../../../src/statemachines/definition/createStateMachineError.ts'
import { validateDefinition } from '../../../src/statemachines/definition/validateDefinition.ts'
import { diagnosticsOf, END, jsonata, machineOf, output } from './definitionRules.ts'

describe('warnings', () => {
  const slips = machineOf({ ...END, Parameters: { a: '$.b', c: [{ d: 'States.UUID()' }] }, Result: { 'e.$': '$.f' } })

  test('refuse nothing and are kept back unless they are asked for', () => {
    expect(diagnosticsOf(slips)).toEqual([])
    const { result, diagnostics } = validateDefinition(JSON.stringify(slips), { type: 'STANDARD', severity: 'WARNING' })
    expect(result).toBe('OK')
    expect(diagnostics.map(({ severity, code, location }) => [severity, code, location])).toEqual([
      ['WARNING', 'NO_DOLLAR', '/States/X/Parameters'],
      ['WARNING', 'NO_DOLLAR', '/States/X/Parameters'],
      ['WARNING', 'PASS_RESULT_IS_STATIC', '/States/X/Result'],
    ])
    expect(createStateMachineError(diagnostics)).toBeNull()
  })
})

describe('what is answered', () => {
  const threeErrors = JSON.stringify(jsonata({ ...END, InputPath: '$', OutputPath: '$', ResultPath: '$' }))

  test('is cut where so much was asked for, and says so', () => {
    const { diagnostics, truncated, result } = validateDefinition(threeErrors, { type: 'STANDARD', maxDiagnostics: 2 })
    expect([diagnostics.length, truncated, result]).toEqual([2, true, 'FAIL'])
    expect(validateDefinition(threeErrors, { type: 'STANDARD', maxDiagnostics: 3 }).truncated).toBe(false)
  })

  test('is one error of all diagnostics to CreateStateMachine', () => {
    const { diagnostics } = validateDefinition(JSON.stringify(machineOf({ Type: 'Pass', Next: 'X' })), {
      type: 'STANDARD',
    })
    expect(createStateMachineError(diagnostics)).toEqual({
      code: 'InvalidDefinition',
      message: "Invalid State Machine Definition: 'MISSING_END_STATE: Workflow has no terminal state at null'",
    })
  })

  test('is a diagnostic, never an exception, whatever the text', () => {
    expect(diagnosticsOf('{not json')[0]?.[0]).toBe('INVALID_JSON_DESCRIPTION')
    expect(diagnosticsOf(`${'['.repeat(200_000)}${']'.repeat(200_000)}`)[0]?.[0]).toBe('TOO_DEEPLY_NESTED')
    expect(diagnosticsOf(JSON.stringify({ a: 'x'.repeat(1_048_576) }))[0]?.[2]).toBeNull()
    expect(diagnosticsOf(output(`{% ${'('.repeat(100_000)} %}`))[0]?.[0]).toBe('INVALID_JSONATA_EXPRESSION')
    const anything = fc.jsonValue({ maxDepth: 6 })
    const hostile = fc.oneof(
      anything,
      anything.map((States) => ({ StartAt: 'X', States })),
      stateLike,
    )
    fc.assert(
      fc.property(hostile, (value) => {
        const { result, diagnostics, definition } = validateDefinition(JSON.stringify(value), { type: 'EXPRESS' })
        expect(result === 'OK').toBe(diagnostics.length === 0)
        expect(definition === null).toBe(result === 'FAIL')
      }),
      { numRuns: 500 },
    )
  })
})

/** States of right names and wrong values. */
const stateLike = fc
  .record(
    {
      Type: fc.constantFrom('Task', 'Wait', 'Pass', 'Succeed', 'Fail', 'Choice', 'Parallel', 'Map'),
      QueryLanguage: fc.constantFrom('JSONata', 'JSONPath'),
      ...Object.fromEntries(
        [
          'Next',
          'End',
          'Choices',
          'Default',
          'Branches',
          'ItemProcessor',
          'Iterator',
          'Catch',
          'Retry',
          'Assign',
          'Output',
          'Label',
        ].map((name) => [name, fc.jsonValue({ maxDepth: 4 })]),
      ),
    },
    { requiredKeys: ['Type'] },
  )
  .map((X) => ({ StartAt: 'X', States: { X, ['__proto__']: END } }))
