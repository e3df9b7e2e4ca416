import { isObject, type Json, type JsonObject } from '../../data/json.ts'
import type { FieldValidationMode } from '../testStateRequest.ts'
import { integrationName, namesOf } from './integrationName.ts'
import type { ModelledOperation } from './modelledOperation.ts'
import type { ApiShape, ServiceResults } from './resultModel.ts'

/**
 * What is wrong with a mocked result, in AWS's words; null where nothing is. STRICT wants every required member, both
 * STRICT and PRESENT hold what is there against its shape; what the API does not know is let through, as recorded.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_MockInput.html
 */
export function mockedResultFault(
  { operations, shapes }: ServiceResults,
  { operation, isSdk, decoded }: ModelledOperation,
  mode: FieldValidationMode,
  result: Json,
): string | null {
  const name = operations[operation]
  if (name === undefined || mode === 'NONE') return null

  function faultOf(shapeName: string, field: string, value: Json): string | null {
    const shape = shapes[shapeName]!
    switch (shape.type) {
      case 'structure':
        return isObject(value) ? structureFault(shape, value, []) : `Field '${field}' must be an object`
      case 'list': {
        if (!Array.isArray(value)) return `Field '${field}' must be an array`
        return (
          lengthFault(shape, field, value.length) ?? firstFault(value, (item) => faultOf(shape.member!, field, item))
        )
      }
      case 'map': {
        if (!isObject(value)) return `Field '${field}' must be an object`
        return firstFault(Object.values(value), (member) => faultOf(shape.value!, field, member))
      }
      case 'string':
      case 'blob':
      case 'timestamp':
        return textFault(shape, field, value)
      case 'integer':
      case 'long':
      case 'float':
      case 'double':
        return numberFault(shape, field, value)
      case 'boolean':
        return typeof value === 'boolean' ? null : `Field '${field}' must be a boolean`
      case 'document':
        return null
    }
  }

  function structureFault(shape: ApiShape, value: JsonObject, exempt: readonly string[]): string | null {
    const required = mode === 'STRICT' ? (shape.required ?? []) : []
    const missing = required.find((member) => !namesOf(member).some((name) => Object.hasOwn(value, name)))
    if (missing !== undefined) return `Required field '${integrationName(missing, isSdk)}' is missing`
    const members = new Map(
      Object.entries(shape.members!).flatMap(([member, of]) => namesOf(member).map((name) => [name, of] as const)),
    )
    return firstFault(Object.entries(value), ([field, member]) => {
      const of = members.get(field)
      return of === undefined || exempt.includes(field) ? null : faultOf(of, field, member)
    })
  }

  const fault = isObject(result)
    ? structureFault(shapes[name]!, result, decoded)
    : 'Mock result must be a valid JSON object'
  return fault === null ? null : `Mock result schema validation error: ${fault}`
}

function textFault({ values, ...shape }: ApiShape, field: string, value: Json): string | null {
  if (typeof value !== 'string') return `Field '${field}' must be a string`
  if (values !== undefined && !values.includes(value)) return `Field '${field}' is not an expected value`
  return lengthFault(shape, field, value.length)
}

function lengthFault({ min, max }: Omit<ApiShape, 'values'>, field: string, length: number): string | null {
  if (min !== undefined && length < min) return `Field '${field}' is smaller than the minimum length`
  return max !== undefined && length > max ? `Field '${field}' exceeds the maximum length` : null
}

function numberFault({ min, max }: ApiShape, field: string, value: Json): string | null {
  if (typeof value !== 'number') return `Field '${field}' must be a number`
  if (min !== undefined && value < min) return `Field '${field}' is less than the minimum value`
  return max !== undefined && value > max ? `Field '${field}' exceeds the maximum value` : null
}

function firstFault<Item>(items: readonly Item[], faultOf: (item: Item) => string | null): string | null {
  for (const item of items) {
    const fault = faultOf(item)
    if (fault !== null) return fault
  }
  return null
}
