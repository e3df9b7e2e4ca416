import type { UnreservedLog } from '../environments/contract.ts'
import type { Journal } from './journal.ts'

/** Writes what environments say while they start, which belongs to no invocation. */
export function createInitLog(journal: Journal, onError: (error: unknown) => void): UnreservedLog {
  return (spec, { timestampMs, source, message }, logStreamName) => {
    const { functionId, functionName, versionNumber } = spec
    const origin = { functionId, functionName, versionNumber, logStreamName, invocationId: null }
    return journal.write({ logEvents: [{ ...origin, timestampMs, source, message }] }).catch(onError)
  }
}
