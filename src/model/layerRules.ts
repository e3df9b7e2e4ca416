import { UserFault } from '../errors.ts'
import { descriptionViolations } from './configurationRules.ts'
import { LAYER_COUNT, UNZIPPED_BYTES } from './functionLimits.ts'
import type { UsedLayer } from './layer.ts'
import type { ArchitectureName, Scope } from './records.ts'
import type { RuntimeIdentifier } from './runtime.ts'
import {
  type ConstraintViolation,
  MUST_NOT_BE_NULL,
  mustHaveLengthAtLeast,
  mustHaveLengthAtMost,
  mustMatch,
  refuseViolations,
} from './smithyConstraint.ts'
import { textFault } from './textRules.ts'

/** What a new layer version is said to be. */
export interface LayerVersionRequest {
  readonly description: string
  readonly compatibleRuntimes: readonly RuntimeIdentifier[]
  readonly compatibleArchitectures: readonly ArchitectureName[]
  /** Null: none. */
  readonly licenseInfo: string | null
}

/** A layer version's ARN, taken apart. */
export interface LayerVersionReference {
  readonly arn: string
  readonly scope: Scope
  readonly name: string
  readonly number: number
}

const LAYER_NAME_LENGTH = 140
const LICENSE_LENGTH = 512
const RUNTIME_COUNT = 15
const ARCHITECTURE_COUNT = 2
const ARN_LENGTH = 2048
const LARGEST_NUMBER = 2 ** 31 - 1

const LAYER_NAME_PATTERN = '(arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\\d{12}:layer:[a-zA-Z0-9-_]+)|[a-zA-Z0-9-_]+'
const LAYER_VERSION_ARN_PATTERN =
  '(arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:layer:' +
  '[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+)'

const LAYERS_FIELD = ['input', 'layers']
const NAME_FIELD = ['input', 'layerName']

/** Which layer a name or ARN means; null where it is of another account or region, where nothing can be found. */
export function parseLayerName(scope: Scope, reference: string, field: readonly string[] = NAME_FIELD): string | null {
  refuseViolations(layerNameViolations(reference, field))
  const match = /^arn:[^:]+:lambda:([^:]+):(\d{12}):layer:(.+)$/.exec(reference)
  if (match === null) return reference
  const [, region, accountId, name] = match
  return region === scope.region && accountId === scope.accountId ? name! : null
}

/** What a layer's name or ARN breaks of its shape. */
export function layerNameViolations(reference: string, field: readonly string[] = NAME_FIELD): ConstraintViolation[] {
  const violation = (constraint: string) => ({ member: 'layerName', value: reference, constraint, field })
  const violations: ConstraintViolation[] = []
  if (reference.length > LAYER_NAME_LENGTH) violations.push(violation(mustHaveLengthAtMost(LAYER_NAME_LENGTH)))
  if (reference.length === 0) violations.push(violation(mustHaveLengthAtLeast(1)))
  if (!matches(LAYER_NAME_PATTERN, reference)) violations.push(violation(mustMatch(LAYER_NAME_PATTERN)))
  return violations
}

/** Every constraint that a new layer version breaks. https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html */
export function layerVersionViolations(request: LayerVersionRequest): ConstraintViolation[] {
  const { description, compatibleRuntimes, compatibleArchitectures, licenseInfo } = request
  return [
    ...descriptionViolations(description),
    ...countViolations('compatibleRuntimes', compatibleRuntimes, RUNTIME_COUNT),
    ...countViolations('compatibleArchitectures', compatibleArchitectures, ARCHITECTURE_COUNT),
    ...(licenseInfo === null || licenseInfo.length <= LICENSE_LENGTH
      ? []
      : [
          {
            member: 'licenseInfo',
            value: licenseInfo,
            constraint: mustHaveLengthAtMost(LICENSE_LENGTH),
            field: ['input', 'licenseInfo'],
          },
        ]),
  ]
}

/** What is wrong with a layer version that breaks no constraint, or null. */
export function layerVersionFault({ description, licenseInfo }: LayerVersionRequest): UserFault | null {
  return textFault('description', description) ?? textFault('licenseInfo', licenseInfo ?? undefined)
}

/** Throws AWS's fault of a version's number that no version can have (recorded fact 173). */
export function refuseLayerVersionNumber(number: number, field: readonly string[]): void {
  if (number < 1) throw new UserFault('INVALID_PARAMETER_VALUE', 'Layer Version Cannot be less than 1', field)
}

/** What the layers of a function break of their shape: each is the ARN of a layer version. */
export function usedLayerViolations(arns: readonly string[] | undefined): ConstraintViolation[] {
  if (arns === undefined) return []
  if (arns.every((arn) => arn.length <= ARN_LENGTH && matches(LAYER_VERSION_ARN_PATTERN, arn))) return []
  const each = [
    mustHaveLengthAtMost(ARN_LENGTH),
    mustHaveLengthAtLeast(1),
    mustMatch(LAYER_VERSION_ARN_PATTERN),
    MUST_NOT_BE_NULL,
  ]
  const constraint = `Member must satisfy constraint: [${each.join(', ')}]`
  return [{ member: 'layers', value: `[${arns.join(', ')}]`, constraint, field: LAYERS_FIELD }]
}

/** Throws AWS's fault of more layers than a function may have. */
export function refuseTooManyLayers(arns: readonly string[]): void {
  if (arns.length > LAYER_COUNT) {
    throw new UserFault('INVALID_PARAMETER_VALUE', `Cannot reference more than ${LAYER_COUNT} layers.`, LAYERS_FIELD)
  }
}

/**
 * Layer versions by their ARNs, which have passed `usedLayerViolations`, or null for one that can be none of ours. Those
 * of AWS itself (`awslayer`) and numbers that are never given are such.
 */
export function parseLayerVersionArn(arn: string): LayerVersionReference | null {
  const match = /^arn:[^:]*:lambda:([^:]+):(\d{12}):layer:([^:]+):(\d+)$/.exec(arn)
  if (match === null) return null
  const [, region, accountId, name, digits] = match
  const number = Number(digits)
  if (number > LARGEST_NUMBER) return null
  return { arn, scope: { region: region!, accountId: accountId! }, name: name!, number }
}

/**
 * The layers of a function, as its versions keep them, in order. Throws AWS's faults (recorded fact 174): one that is
 * not there or belongs to another account, one of another region, two of the same layer. `found` has the usable ones by
 * their ARNs.
 */
export function usedLayers(scope: Scope, arns: readonly string[], found: ReadonlyMap<string, UsedLayer>): UsedLayer[] {
  const byLayer = new Map<string, string>()
  return arns.map((arn) => {
    const reference = parseLayerVersionArn(arn)
    if (reference?.scope.accountId === scope.accountId && reference.scope.region !== scope.region) {
      const message = `Layers are not in the same region as the function. Layers are expected to be in region ${scope.region}.`
      throw layerFault(message)
    }
    const used = found.get(arn)
    if (used === undefined || reference === null) throw layerFault(`Layer version ${arn} does not exist.`)
    const other = byLayer.get(reference.name)
    if (other !== undefined) {
      const message =
        'Two different versions of the same layer are not allowed to be referenced in the same function. ' +
        `${other} and ${arn} are versions of the same layer.`
      throw layerFault(message)
    }
    byLayer.set(reference.name, arn)
    return used
  })
}

/**
 * Throws AWS's fault where code and layers together are too large unzipped.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export function refuseTooLargeTogether(codeUnzippedBytes: number, layers: readonly UsedLayer[]): void {
  const layersBytes = layers.reduce((sum, { unzippedSizeBytes }) => sum + unzippedSizeBytes, 0)
  if (layersBytes > UNZIPPED_BYTES) {
    throw layerFault(`Layers consume more than the available size of ${UNZIPPED_BYTES} bytes`)
  }
  const totalBytes = codeUnzippedBytes + layersBytes
  if (totalBytes <= UNZIPPED_BYTES) return
  const message =
    `Function code combined with layers exceeds the maximum allowed size of ${UNZIPPED_BYTES} bytes. ` +
    `The actual size is ${totalBytes} bytes.`
  throw layerFault(message)
}

function layerFault(message: string): UserFault {
  return new UserFault('INVALID_PARAMETER_VALUE', message, LAYERS_FIELD)
}

function countViolations(member: string, values: readonly string[], most: number): ConstraintViolation[] {
  if (values.length <= most) return []
  const value = `[${values.map((name) => name.toLowerCase()).join(', ')}]`
  return [{ member, value, constraint: mustHaveLengthAtMost(most), field: ['input', member] }]
}

function matches(pattern: string, text: string): boolean {
  return new RegExp(`^(?:${pattern})$`).test(text)
}
