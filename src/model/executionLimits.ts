import type { BucketRate } from './tokenBucket.ts'

/** AWS's default: so many Standard executions of an account may be open in a region. */
export const DEFAULT_OPEN_EXECUTIONS = 1_000_000

/** How starts of executions are told apart: each kind has a bucket of its own. */
export type StartKind = 'STANDARD' | 'EXPRESS' | 'SYNCHRONOUS_EXPRESS'

/** How fast executions may be started: by AWS's own buckets, by one for each kind alike, or as fast as it goes. */
export type StartRateSetting = 'off' | 'aws' | BucketRate

/** Where AWS's quotas are the higher ones. */
const LARGE_REGIONS = ['us-east-1', 'us-west-2', 'eu-west-1']
const STANDARD_IN_LARGE_REGIONS: BucketRate = { tokens: 1_300, refillPerSecond: 300 }
const STANDARD_ELSEWHERE: BucketRate = { tokens: 800, refillPerSecond: 150 }
const EXPRESS: BucketRate = { tokens: 6_000, refillPerSecond: 6_000 }

/**
 * The bucket of a kind of start in a region; null: there is none. AWS names no rate for synchronous starts, which do not
 * count with the others: they have a bucket of their own of the size of Express ones.
 * https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html#service-limits-api-action-throttling-general
 */
export function startBucket(setting: StartRateSetting, region: string, kind: StartKind): BucketRate | null {
  if (setting === 'off') return null
  if (setting !== 'aws') return setting
  if (kind !== 'STANDARD') return EXPRESS
  return LARGE_REGIONS.includes(region) ? STANDARD_IN_LARGE_REGIONS : STANDARD_ELSEWHERE
}
