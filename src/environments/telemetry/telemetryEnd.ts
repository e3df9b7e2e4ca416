import type { EnvironmentOutcome } from '../contract.ts'
import type { TelemetryEnd } from './telemetryEvent.ts'

/**
 * How a phase with this outcome ended, in the words of telemetry. What the function did wrong is an `error`, whatever it
 * was. https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html#Status
 */
export function telemetryEnd(outcome: EnvironmentOutcome): TelemetryEnd {
  if (outcome.kind === 'SUCCEEDED') return { status: 'success' }
  if (outcome.failure === 'TIMEOUT') return { status: 'timeout' }
  return { status: 'error', errorType: knownType(errorTypeOf(outcome.payload)) }
}

/** An error's type where it says whose it is; AWS knows no others. */
function knownType(type: string): string {
  return /^(Runtime|Function|Extension)\.[A-Z][A-Za-z]+$/.test(type) ? type : 'Runtime.Unknown'
}

function errorTypeOf(payload: string): string {
  try {
    return String((JSON.parse(payload) as { errorType?: unknown } | null)?.errorType)
  } catch {
    return ''
  }
}
