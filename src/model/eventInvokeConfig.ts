import type { Scope } from './records.ts'
import { type ConstraintViolation, mustBeAtLeast, mustBeAtMost } from './smithyConstraint.ts'

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
