import { UserFault } from '../errors.ts'
import { isDeadLetterTarget } from './destinationArn.ts'
import {
  DESCRIPTION_LENGTH,
  ENVIRONMENT_BYTES,
  EPHEMERAL_STORAGE_MIB,
  HANDLER_LENGTH,
  MEMORY_MIB,
  RESERVED_ENVIRONMENT_NAMES,
  TIMEOUT_SECONDS,
} from './functionLimits.ts'
import type { ArchitectureName } from './records.ts'
import {
  type ConstraintViolation,
  MUST_NOT_BE_NULL,
  mustBeAtLeast,
  mustBeAtMost,
  mustHaveLengthAtLeast,
  mustHaveLengthAtMost,
  mustMatch,
  SENSITIVE,
} from './smithyConstraint.ts'
import { textFault } from './textRules.ts'

/** A name with a value, as lists of variables and labels have them. */
export interface NamedValue {
  readonly name: string
  readonly value: string
}

/** The parts of a configuration that a request gives; what is undefined is left as it is and not looked at. */
export interface ConfigurationRequest {
  readonly description?: string | undefined
  readonly handler?: string | undefined
  readonly memoryMiB?: number | undefined
  readonly timeoutSeconds?: number | undefined
  readonly ephemeralStorageMiB?: number | undefined
  readonly environment?: readonly NamedValue[] | undefined
  readonly architectures?: readonly ArchitectureName[] | undefined
  /** Empty: none. */
  readonly deadLetterTargetArn?: string | undefined
}

const DEAD_LETTER_FIELD = ['input', 'deadLetterConfig', 'targetArn']
const TARGET_ARN_PATTERN = '(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()'
const HANDLER_PATTERN = '[^\\s]+'
const ENVIRONMENT_NAME_PATTERN = '[a-zA-Z]([a-zA-Z0-9_])+'

/** Every constraint that a configuration breaks, in the order of AWS's members as the request lists them. */
export function configurationViolations(request: ConfigurationRequest): ConstraintViolation[] {
  return [
    ...handlerViolations(request.handler),
    ...descriptionViolations(request.description),
    ...rangeViolations('memorySize', 'memoryMiB', request.memoryMiB, MEMORY_MIB),
    ...rangeViolations('timeout', 'timeoutSeconds', request.timeoutSeconds, TIMEOUT_SECONDS),
    ...rangeViolations(
      'ephemeralStorage.size',
      'ephemeralStorageMiB',
      request.ephemeralStorageMiB,
      EPHEMERAL_STORAGE_MIB,
    ),
    ...environmentNameViolations(request.environment),
    ...architectureViolations(request.architectures),
    ...deadLetterViolations(request.deadLetterTargetArn),
  ]
}

/** A description, of a function, version or alias alike. */
export function descriptionViolations(description: string | undefined): ConstraintViolation[] {
  if (description === undefined || description.length <= DESCRIPTION_LENGTH) return []
  const constraint = mustHaveLengthAtMost(DESCRIPTION_LENGTH)
  return [{ member: 'description', value: description, constraint, field: ['input', 'description'] }]
}

/**
 * What is wrong with a configuration that breaks no constraint, or null: names given twice, reserved names, more than
 * 4 KB of variables (recorded facts, no. 28), characters that no process or table can hold.
 */
export function configurationFault(request: ConfigurationRequest): UserFault | null {
  const texts = [textFault('description', request.description), textFault('handler', request.handler)]
  return (
    texts.find((fault) => fault !== null) ??
    deadLetterFault(request.deadLetterTargetArn) ??
    environmentFault(request.environment ?? [])
  )
}

function deadLetterFault(targetArn: string | undefined): UserFault | null {
  if (targetArn === undefined || targetArn === '' || isDeadLetterTarget(targetArn)) return null
  const message = `The dead-letter target ${targetArn} is neither a standard SQS queue nor a standard SNS topic. Please give the ARN of one, or an empty text for none.`
  return new UserFault('INVALID_PARAMETER_VALUE', message, DEAD_LETTER_FIELD)
}

function environmentFault(variables: readonly NamedValue[]): UserFault | null {
  const field = ['input', 'environment']
  const repeated = repeatedName(variables)
  if (repeated !== null) {
    const message = `The environment variable ${repeated} is given more than once. Please give every variable once.`
    return new UserFault('INVALID_PARAMETER_VALUE', message, field)
  }
  const reserved = variables.map(({ name }) => name).filter((name) => RESERVED_ENVIRONMENT_NAMES.has(name))
  if (reserved.length > 0) {
    const message =
      'Lambda was unable to configure your environment variables because the environment variables you have provided ' +
      'contains reserved keys that are currently not supported for modification. ' +
      `Reserved keys used in this request: ${reserved.join(', ')}`
    return new UserFault('INVALID_PARAMETER_VALUE', message, field)
  }
  const unfit = variables.map(({ value }) => textFault('environment', value)).find((fault) => fault !== null)
  if (unfit !== undefined) return unfit
  const measured = JSON.stringify(namedValues(variables))
  if (Buffer.byteLength(measured) <= ENVIRONMENT_BYTES) return null
  const message =
    'Lambda was unable to configure your environment variables because the environment variables you have provided ' +
    `exceeded the 4KB limit. String measured: ${measured}`
  return new UserFault('INVALID_PARAMETER_VALUE', message, field)
}

/** The first name that stands in a list twice, or null. */
export function repeatedName(values: readonly NamedValue[]): string | null {
  const seen = new Set<string>()
  for (const { name } of values) {
    if (seen.has(name)) return name
    seen.add(name)
  }
  return null
}

/** A list of names with values as an object, in the order of the list; its names are its own properties, whatever they are. */
export function namedValues(values: readonly NamedValue[]): Record<string, string> {
  return Object.fromEntries(values.map(({ name, value }) => [name, value]))
}

function handlerViolations(handler: string | undefined): ConstraintViolation[] {
  if (handler === undefined) return []
  const violation = (constraint: string) => ({
    member: 'handler',
    value: handler,
    constraint,
    field: ['input', 'handler'],
  })
  const violations: ConstraintViolation[] = []
  if (handler.length > HANDLER_LENGTH) violations.push(violation(mustHaveLengthAtMost(HANDLER_LENGTH)))
  if (!/^\S+$/.test(handler)) violations.push(violation(mustMatch(HANDLER_PATTERN)))
  return violations
}

function rangeViolations(
  member: string,
  field: string,
  value: number | undefined,
  range: { readonly least: number; readonly most: number },
): ConstraintViolation[] {
  if (value === undefined) return []
  const violation = (constraint: string) => ({ member, value: String(value), constraint, field: ['input', field] })
  if (value > range.most) return [violation(mustBeAtMost(range.most))]
  return value < range.least ? [violation(mustBeAtLeast(range.least))] : []
}

function environmentNameViolations(variables: readonly NamedValue[] | undefined): ConstraintViolation[] {
  if (variables === undefined || variables.every(({ name }) => /^[a-zA-Z][a-zA-Z0-9_]+$/.test(name))) return []
  const constraint = `Map keys must satisfy constraint: [${mustMatch(ENVIRONMENT_NAME_PATTERN)}, ${MUST_NOT_BE_NULL}]`
  return [{ member: 'environment.variables', value: SENSITIVE, constraint, field: ['input', 'environment'] }]
}

function deadLetterViolations(targetArn: string | undefined): ConstraintViolation[] {
  if (targetArn === undefined || new RegExp(`^(?:${TARGET_ARN_PATTERN})$`).test(targetArn)) return []
  const constraint = mustMatch(TARGET_ARN_PATTERN)
  return [{ member: 'deadLetterConfig.targetArn', value: targetArn, constraint, field: DEAD_LETTER_FIELD }]
}

function architectureViolations(architectures: readonly ArchitectureName[] | undefined): ConstraintViolation[] {
  if (architectures === undefined || architectures.length === 1) return []
  const value = `[${architectures.map((name) => name.toLowerCase()).join(', ')}]`
  const constraint = architectures.length === 0 ? mustHaveLengthAtLeast(1) : mustHaveLengthAtMost(1)
  return [{ member: 'architectures', value, constraint, field: ['input', 'architectures'] }]
}
