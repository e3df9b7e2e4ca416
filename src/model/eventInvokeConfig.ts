import { UserFault } from '../errors.ts'
import { destinationKind } from './destinationArn.ts'
import type { Scope } from './records.ts'
import { type ConstraintViolation, mustBeAtLeast, mustBeAtMost, mustMatch } from './smithyConstraint.ts'

/** How the asynchronous invocations of a function, version or alias are tried. Null: AWS's default holds. */
export interface EventInvokeConfigRecord {
  readonly scope: Scope
  readonly functionName: string
  /** `$LATEST`, a version's number, or an alias's name. */
  readonly qualifier: string
  /** 0 to 2. */
  readonly maximumRetryAttempts: number | null
  /** 60 to 21,600. */
  readonly maximumEventAgeInSeconds: number | null
  /** ARN of what takes the records of successful events, or null. */
  readonly onSuccess: string | null
  /** ARN of what takes the records of failed events, or null. */
  readonly onFailure: string | null
  readonly lastModified: Date
}

/** What may be set, least and most. Source: recorded facts, no. 126 (LocalStack snapshot tests, Apache-2.0). */
const RANGES = { maximumRetryAttempts: [0, 2], maximumEventAgeInSeconds: [60, 21_600] } as const

/** The settings that are out of their range. */
export function eventInvokeViolations(
  settings: {
    readonly [Member in keyof typeof RANGES]?: number | null | undefined
  },
): ConstraintViolation[] {
  return Object.entries(RANGES).flatMap(([member, [least, most]]) => {
    const value = settings[member as keyof typeof RANGES]
    if (value == null || (value >= least && value <= most)) return []
    const constraint = value < least ? mustBeAtLeast(least) : mustBeAtMost(most)
    return [{ member, value: String(value), constraint, field: ['input', member] }]
  })
}

/** ARNs of what takes the records of events; null is nothing. */
export interface Destinations {
  readonly onSuccess: string | null
  readonly onFailure: string | null
}

const DESTINATION_PATTERN =
  '^$|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:([a-z]{2}((-gov)|(-iso(b?)))?-[a-z]+-\\d{1})?:(\\d{12})?:(.*)'

/** The destinations that are no ARNs. */
export function destinationViolations(destinations: Destinations): ConstraintViolation[] {
  return (['onSuccess', 'onFailure'] as const).flatMap((member) => {
    const value = destinations[member]
    if (value === null || new RegExp(`^(?:${DESTINATION_PATTERN})$`).test(value)) return []
    const field = ['input', 'destinationConfig', member, 'destination']
    return [
      { member: `destinationConfig.${member}.destination`, value, constraint: mustMatch(DESTINATION_PATTERN), field },
    ]
  })
}

/**
 * The fault of destinations that are of no service which can take records, or null.
 * Source: recorded facts, no. 125 (LocalStack snapshot tests, Apache-2.0).
 */
export function destinationFault({ onSuccess, onFailure }: Destinations): UserFault | null {
  const isFit = (arn: string | null) => arn === null || destinationKind(arn) !== null
  if (isFit(onSuccess) && isFit(onFailure)) return null
  const part = (name: string, arn: string | null) => (arn === null ? 'null' : `${name}(destination=${arn})`)
  const config = `onSuccess=${part('OnSuccess', onSuccess)}, onFailure=${part('OnFailure', onFailure)}`
  const message = `The provided destination config DestinationConfig(${config}) is invalid.`
  return new UserFault('INVALID_PARAMETER_VALUE', message, ['input', 'destinationConfig'])
}
