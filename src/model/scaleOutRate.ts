import type { BucketRate } from './tokenBucket.ts'

/** AWS's default: 1,000 more environments every 10 seconds. */
export const DEFAULT_SCALE_OUT_RATE = 1_000

/** The span that the rate is counted in. */
const SCALE_OUT_SPAN_SECONDS = 10

/**
 * How fast a function may scale out: so many more execution environments in every ten seconds, as AWS bounds it.
 * https://docs.aws.amazon.com/lambda/latest/dg/scaling-behavior.html
 */
export function scaleOutBucket(environments: number): BucketRate {
  return { tokens: environments, refillPerSecond: environments / SCALE_OUT_SPAN_SECONDS }
}
