import type { Json } from '../data/json.ts'
import type { HandledError, Inspection } from '../engine/inspection.ts'
import type { TestedRun } from './testedRun.ts'
import { variablesOf } from './testedRun.ts'
import type { InspectionLevel } from './testStateRequest.ts'

/** SUCCEEDED: the state was left. RETRIABLE: it would be tried again. CAUGHT_ERROR: a catcher took over. */
export type TestStatus = 'SUCCEEDED' | 'FAILED' | 'RETRIABLE' | 'CAUGHT_ERROR'

/** How Retry and Catch dealt with an error: positions in their lists; what does not apply is left out. */
export interface InspectionErrorDetails {
  readonly catchIndex?: number
  readonly retryIndex?: number
  readonly retryBackoffIntervalSeconds?: number
}

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_InspectionData.html */
export interface InspectionData extends Omit<Inspection, 'handledError'> {
  readonly input: Json
  /** Left out where there are none. */
  readonly variables?: Json
  readonly errorDetails?: InspectionErrorDetails
}

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_TestState.html#API_TestState_ResponseSyntax */
export interface TestStateAnswer {
  readonly status: TestStatus
  /** Undefined where the state hands nothing on. */
  readonly output: Json | undefined
  readonly error: string | null
  readonly cause: string | null
  /** Null at the end of a branch, and where the state is not left. */
  readonly nextState: string | null
  /** Null at the level INFO. */
  readonly inspectionData: InspectionData | null
}

type Ending = Omit<TestStateAnswer, 'inspectionData'>

export function answerOf(run: TestedRun, level: InspectionLevel): TestStateAnswer {
  const ending = endingOf(run)
  return { ...ending, inspectionData: level === 'INFO' ? null : inspectionData(run, ending.status) }
}

function endingOf({ draft, thread, inspection: { handledError } }: TestedRun): Ending {
  const { outcome } = draft.state
  const failed = { status: 'FAILED', output: undefined, nextState: null } as const
  if (outcome !== null && outcome.status !== 'SUCCEEDED') {
    return { ...failed, error: outcome.error, cause: outcome.cause }
  }
  const { phase } = thread
  const { error, cause } = handledError ?? { error: null, cause: null }
  const isCaught = handledError !== undefined && handledError.catchIndex !== null
  const left = isCaught
    ? ({ status: 'CAUGHT_ERROR', error, cause } as const)
    : ({ status: 'SUCCEEDED', error: null, cause: null } as const)
  switch (phase.kind) {
    case 'ENTERING':
      return { ...left, output: phase.input, nextState: phase.stateName }
    case 'SUCCEEDED':
      return { ...left, output: phase.output, nextState: null }
    case 'RETRYING':
      return { ...failed, status: 'RETRIABLE', error, cause }
    case 'FAILED':
      return { ...failed, ...phase.error }
    case 'WAITING':
    case 'TASK':
    case 'PARALLEL':
    case 'MAP':
      throw new RangeError(`a test ends in no phase ${phase.kind}`)
  }
}

function inspectionData(run: TestedRun, status: TestStatus): InspectionData {
  const { handledError, ...stages } = run.inspection
  const variables = variablesOf(run)
  const errorDetails = handledError === undefined ? {} : errorDetailsOf(handledError, status)
  return {
    input: run.visit.input,
    ...stages,
    ...(Object.keys(variables).length === 0 ? {} : { variables }),
    ...(Object.keys(errorDetails).length === 0 ? {} : { errorDetails }),
  }
}

function errorDetailsOf(
  { retryIndex, retryDelayMs, catchIndex }: HandledError,
  status: TestStatus,
): InspectionErrorDetails {
  return {
    ...(retryIndex === null ? {} : { retryIndex }),
    ...(retryDelayMs === null ? {} : { retryBackoffIntervalSeconds: Math.round(retryDelayMs / 1000) }),
    ...(catchIndex === null || status !== 'CAUGHT_ERROR' ? {} : { catchIndex }),
  }
}
