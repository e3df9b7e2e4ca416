import type { Json } from '../data/json.ts'

/** How much of a state's inner workings an answer shows: TRACE is for HTTP tasks, and here the same as DEBUG. */
export type InspectionLevel = 'INFO' | 'DEBUG' | 'TRACE'

/** How a mocked result is held against the model of the API that it stands for. */
export type FieldValidationMode = 'STRICT' | 'PRESENT' | 'NONE'

/** What is said in place of what the state would call. */
export interface Mock {
  /** Undefined where it is not given: null is a result. */
  readonly result: Json | undefined
  readonly errorOutput: { readonly error: string | null; readonly cause: string | null } | null
  readonly fieldValidationMode: FieldValidationMode
}

/** What has happened to the state before; null where nothing is said. */
export interface StateConfiguration {
  /** How often the retrier that is meant has retried. */
  readonly retrierRetryCount: number | null
  /** How many iterations of a Map have failed. */
  readonly mapIterationFailureCount: number | null
  /** Which state inside a Map or Parallel the mocked error is from. */
  readonly errorCausedByState: string | null
  /** What an ItemReader would have read, as it is at its source. */
  readonly mapItemReaderData: string | null
}

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_TestState.html */
export interface TestStateRequest {
  /** JSON text: of a state, or, where `stateName` is given, of a state machine. */
  readonly definition: string
  readonly stateName: string | null
  readonly roleArn: string | null
  readonly input: Json
  /** Variables that the state can read, by name. */
  readonly variables: Json
  /** A context object in place of the one that there would be. */
  readonly context: Json | undefined
  readonly inspectionLevel: InspectionLevel
  readonly revealSecrets: boolean
  readonly mock: Mock | null
  readonly stateConfiguration: StateConfiguration
}

export const NO_CONFIGURATION: StateConfiguration = {
  retrierRetryCount: null,
  mapIterationFailureCount: null,
  errorCausedByState: null,
  mapItemReaderData: null,
}
