import { UserFault } from '../errors.ts'
import type { Scope } from './records.ts'

/** So much of an alias's traffic goes to the new version for so long. */
export interface ShiftStep {
  /** 1 to 99. */
  readonly weightPercent: number
  readonly durationSeconds: number
}

/** When a shift is taken back. Null: never for this reason. */
export interface ShiftBounds {
  /** Failed invocations of the new version, in percent of all. */
  readonly maximumErrorRatePercent: number | null
  /** 99th percentile of the durations of the new version. */
  readonly maximumP99Ms: number | null
  /** Fewer invocations than these prove nothing. */
  readonly minimumInvocations: number
}

/** The names of the GraphQL enum `AliasShiftStatus`. */
export type AliasShiftStatus = 'RUNNING' | 'COMPLETED' | 'ROLLED_BACK' | 'STOPPED'

/** A shift of an alias from one version to another. */
export interface AliasShiftRecord {
  readonly id: string
  readonly scope: Scope
  readonly functionId: string
  readonly functionName: string
  readonly aliasName: string
  readonly fromVersion: number
  readonly toVersion: number
  readonly steps: readonly ShiftStep[]
  /** Which step it is in, from 0. */
  readonly step: number
  readonly status: AliasShiftStatus
  readonly bounds: ShiftBounds
  readonly startedAt: Date
  readonly stepEndsAt: Date
  readonly endedAt: Date | null
  /** Why it was rolled back or stopped; otherwise null. */
  readonly reason: string | null
}

/** What the new version has done since the shift began. */
export interface ShiftMeasurement {
  readonly invocations: number
  readonly errors: number
  /** Null where there are no invocations. */
  readonly p99Ms: number | null
}

/** What becomes of a shift that runs. */
export type ShiftDecision =
  | { readonly kind: 'WAIT' }
  | { readonly kind: 'STEP'; readonly step: number; readonly weightPercent: number; readonly stepEndsAtMs: number }
  | { readonly kind: 'COMPLETE' }
  | { readonly kind: 'ROLL_BACK'; readonly reason: string }

/** What a decision looks at. */
export interface RunningShift {
  readonly steps: readonly ShiftStep[]
  readonly step: number
  readonly stepEndsAtMs: number
  readonly bounds: ShiftBounds
}

/**
 * What becomes of a shift now; total. A bound that is passed comes before a step that is over: bad news never moves
 * traffic. A step is never skipped, however late it is looked at.
 */
export function decideShift(shift: RunningShift, measured: ShiftMeasurement, nowMs: number): ShiftDecision {
  const reason = passedBound(shift.bounds, measured)
  if (reason !== null) return { kind: 'ROLL_BACK', reason }
  if (nowMs < shift.stepEndsAtMs) return { kind: 'WAIT' }
  const next = shift.steps[shift.step + 1]
  if (next === undefined) return { kind: 'COMPLETE' }
  const { weightPercent, durationSeconds } = next
  return { kind: 'STEP', step: shift.step + 1, weightPercent, stepEndsAtMs: nowMs + durationSeconds * 1000 }
}

function passedBound(bounds: ShiftBounds, { invocations, errors, p99Ms }: ShiftMeasurement): string | null {
  const { maximumErrorRatePercent: maximumErrors, maximumP99Ms } = bounds
  if (invocations < bounds.minimumInvocations) return null
  // As whole numbers, so that a rate of exactly the bound is within it.
  if (maximumErrors !== null && errors * 100 > invocations * maximumErrors) {
    const rate = ((errors / invocations) * 100).toFixed(1)
    return `${rate} % of ${invocations} invocations failed, more than ${maximumErrors} %.`
  }
  if (maximumP99Ms !== null && p99Ms !== null && p99Ms > maximumP99Ms) {
    return `The p99 of ${invocations} invocations is ${p99Ms.toFixed(1)} ms, more than ${maximumP99Ms} ms.`
  }
  return null
}

/** Steps of a shift at most. */
export const LARGEST_STEPS = 100
/** Most invocations that a shift can wait for before it is judged. */
export const LARGEST_MINIMUM_INVOCATIONS = 500
const LONGEST_STEP_SECONDS = 7 * 86_400

/** `percent` of the traffic for so long, then all of it, as CodeDeploy's Canary10Percent5Minutes. */
export function canarySteps(percent: number, seconds: number): ShiftStep[] {
  return [{ weightPercent: percent, durationSeconds: seconds }]
}

/** `percent` more of the traffic each time, until all of it is there, as CodeDeploy's Linear10PercentEvery1Minute. */
export function linearSteps(percent: number, seconds: number): ShiftStep[] {
  if (!(percent >= 1)) return []
  const count = Math.ceil(100 / percent) - 1
  return Array.from({ length: count }, (_, index) => ({
    weightPercent: percent * (index + 1),
    durationSeconds: seconds,
  }))
}

/** Throws a VALIDATION for steps and bounds that no shift can have. */
export function refuseMalformedShift(steps: readonly ShiftStep[], bounds: ShiftBounds): void {
  const refuse = (field: string, message: string) => {
    throw new UserFault('VALIDATION', message, ['input', field])
  }
  if (steps.length < 1 || steps.length > LARGEST_STEPS) refuse('plan', `A shift has 1 to ${LARGEST_STEPS} steps.`)
  let before = 0
  for (const { weightPercent, durationSeconds } of steps) {
    if (weightPercent < 1 || weightPercent > 99) refuse('plan', 'A step has a weight of 1 to 99 percent.')
    if (weightPercent <= before) refuse('plan', 'Each step has a larger weight than the one before it.')
    if (durationSeconds < 1 || durationSeconds > LONGEST_STEP_SECONDS) {
      refuse('plan', `A step takes 1 to ${LONGEST_STEP_SECONDS} seconds.`)
    }
    before = weightPercent
  }
  const { maximumErrorRatePercent: errors, maximumP99Ms, minimumInvocations } = bounds
  if (errors !== null && (errors < 0 || errors > 100)) refuse('rollback', 'An error rate is of 0 to 100 percent.')
  if (maximumP99Ms !== null && maximumP99Ms < 1) refuse('rollback', 'A p99 is of 1 ms or more.')
  if (minimumInvocations < 1 || minimumInvocations > LARGEST_MINIMUM_INVOCATIONS) {
    refuse('rollback', `A shift is judged by at least 1 to ${LARGEST_MINIMUM_INVOCATIONS} invocations.`)
  }
}
