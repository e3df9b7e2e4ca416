import { billedDurationMs, durationPriceNanoUsd } from './price.ts'

/** $0.025 for a thousand state transitions: https://aws.amazon.com/step-functions/pricing/ */
export const TRANSITION_NANO_USD = 25_000n

/** So many state transitions of Standard executions a month cost nothing, per account. */
export const FREE_TRANSITIONS_PER_MONTH = 4_000n

/** $1.00 for a million Express executions. */
export const EXPRESS_REQUEST_NANO_USD = 1_000n

/** $0.00001667 for a GB-second of an Express execution. */
export const EXPRESS_DURATION_PICO_USD = 16_670_000n

/** An Express execution is charged for memory in chunks of so much, and for durations in steps of 100 ms. */
export const EXPRESS_MEMORY_MIB = 64
const EXPRESS_STEP_MS = 100

/** Price of state transitions, of which so many of the month's stand before them. */
export function transitionsPriceNanoUsd(before: bigint, transitions: bigint): bigint {
  const left = FREE_TRANSITIONS_PER_MONTH - before
  const free = left <= 0n ? 0n : left < transitions ? left : transitions
  return (transitions - free) * TRANSITION_NANO_USD
}

/** What an Express execution costs: its request, and its duration in steps of 100 ms. */
export function expressPrice(durationMs: number): {
  readonly billedMs: number
  readonly requestPriceNanoUsd: bigint
  readonly durationPriceNanoUsd: bigint
} {
  const billedMs = billedDurationMs(Math.round(durationMs * 1000), EXPRESS_STEP_MS)
  return {
    billedMs,
    requestPriceNanoUsd: EXPRESS_REQUEST_NANO_USD,
    durationPriceNanoUsd: durationPriceNanoUsd(BigInt(billedMs * EXPRESS_MEMORY_MIB), EXPRESS_DURATION_PICO_USD),
  }
}
