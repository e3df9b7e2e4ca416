import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createStateMachineError } from '../../../src/statemachines/definition/createStateMachineError.ts'
import type { MachineType } from '../../../src/statemachines/definition/shape.ts'
import { validateDefinition, validateState } from '../../../src/statemachines/definition/validateDefinition.ts'

interface RecordedCase {
  readonly id: string
  readonly kind: string
  readonly machineType: MachineType
  readonly definition?: unknown
  readonly definitionText?: string
  readonly error?: { readonly Code: string; readonly Message: string } | null
  readonly expect?: {
    readonly result?: string
    readonly truncated?: boolean
    readonly diagnostics?: readonly object[]
    readonly apiError?: { readonly Code: string; readonly Message: string }
  }
}

const recorded = (name: string) =>
  JSON.parse(
    readFileSync(new URL(`../../fixtures/asl/${name}.json`, import.meta.url), 'utf8'),
  ) as readonly RecordedCase[]

const definitions = recorded('definitions')
const textOf = (recordedCase: RecordedCase) => recordedCase.definitionText ?? JSON.stringify(recordedCase.definition)

/** Cases that answer otherwise than AWS, each with its reason. */
const EXCEPTIONS: Readonly<Record<string, string>> = {}

describe('a definition that was recorded on AWS', () => {
  const created = definitions.filter(({ kind }) => kind === 'create')
  const validated = definitions.filter(({ kind }) => kind === 'validate')

  test('is one of 237, none of them an exception', () => {
    expect([created.length, validated.length, Object.keys(EXCEPTIONS).length]).toEqual([230, 7, 0])
  })

  test.each(created.map((recordedCase) => [recordedCase.id, recordedCase] as const))(
    'is taken or refused in the same words by CreateStateMachine: %s',
    (_id, recordedCase) => {
      const { diagnostics } = validateDefinition(textOf(recordedCase), { type: recordedCase.machineType })
      const { error } = recordedCase
      expect(createStateMachineError(diagnostics)).toEqual(
        error === null || error === undefined
          ? null
          : { code: error.Code, message: error.Message.replaceAll('<partition>', 'aws') },
      )
    },
  )

  test.each(validated.map((recordedCase) => [recordedCase.id, recordedCase] as const))(
    'is diagnosed alike by ValidateStateMachineDefinition: %s',
    (_id, recordedCase) => {
      const { result, truncated, diagnostics } = validateDefinition(textOf(recordedCase), {
        type: recordedCase.machineType,
      })
      // Where a diagnostic has no place, AWS leaves the field out.
      const answered = diagnostics.map(({ location, ...rest }) => (location === null ? rest : { ...rest, location }))
      expect({ result, truncated, diagnostics: answered }).toEqual(recordedCase.expect)
    },
  )

  test('is valid where AWS ran it: all 503 executions', () => {
    const refused = recorded('executions').flatMap((recordedCase) => {
      const { diagnostics } = validateDefinition(textOf(recordedCase), { type: recordedCase.machineType })
      return diagnostics.map((diagnostic) => ({ id: recordedCase.id, diagnostic }))
    })
    expect(refused).toEqual([])
  })

  test('is valid as a lone state where TestState took it: all 101 requests', () => {
    const refused = recorded('test-state').flatMap((recordedCase) => {
      const definition = recordedCase.definition as { States?: object }
      if (recordedCase.definition === undefined || definition.States !== undefined) return []
      return validateState(textOf(recordedCase), { type: 'STANDARD' }).diagnostics.map((diagnostic) => ({
        id: recordedCase.id,
        diagnostic,
      }))
    })
    expect(refused).toEqual([])
  })

  test('is refused in the same words where TestState is given a machine of a wrong shape', () => {
    const refusals = recorded('test-state').filter(({ expect: expected }) =>
      expected?.apiError?.Message.includes('SCHEMA_VALIDATION_FAILED'),
    )
    expect(refusals.length).toBeGreaterThan(0)
    for (const recordedCase of refusals) {
      const { diagnostics } = validateDefinition(textOf(recordedCase), { type: 'STANDARD' })
      expect(createStateMachineError(diagnostics)?.message).toBe(recordedCase.expect?.apiError?.Message)
    }
  })
})
