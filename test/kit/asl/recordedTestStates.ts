import { readFileSync } from 'node:fs'
import type { Json, JsonObject } from '../../../src/statemachines/data/json.ts'
import type { TestStateAnswer } from '../../../src/statemachines/testState/testStateAnswer.ts'
import {
  type FieldValidationMode,
  type InspectionLevel,
  NO_CONFIGURATION,
  type StateConfiguration,
  type TestStateRequest,
} from '../../../src/statemachines/testState/testStateRequest.ts'
import type { RecordedFunction } from './recordedExecutions.ts'

/** A TestState request with AWS's answer: test/fixtures/asl/README.md. */
export interface RecordedTestState {
  readonly id: string
  readonly definition: Json
  readonly input?: Json
  readonly request: {
    readonly inspectionLevel?: InspectionLevel
    readonly stateName?: string
    /** JSON text. */
    readonly context?: string
    readonly mock?: {
      /** JSON text. */
      readonly result?: string
      readonly errorOutput?: { readonly error: string; readonly cause: string }
      readonly fieldValidationMode?: FieldValidationMode
    }
    readonly stateConfiguration?: Partial<StateConfiguration>
  }
  readonly wildcards?: { readonly [pointer: string]: string }
  readonly lambdas?: readonly RecordedFunction[]
  readonly expect: JsonObject
}

const FILE = new URL('../../fixtures/asl/test-state.json', import.meta.url)

/** All of them, in the order of the file. */
export function recordedTestStates(): RecordedTestState[] {
  return JSON.parse(readFileSync(FILE, 'utf8')) as RecordedTestState[]
}

/** The recorder has left roles out: each request had one, but the one that shows what AWS says without. */
export function roleOf({ id }: RecordedTestState): string | null {
  return id.includes('no_role_arn') ? null : 'arn:aws:iam::111111111111:role/test-state'
}

export function requestOf(recorded: RecordedTestState): TestStateRequest {
  const { definition, input, request } = recorded
  const { mock, context } = request
  return {
    definition: JSON.stringify(definition),
    stateName: request.stateName ?? null,
    roleArn: roleOf(recorded),
    input: input ?? {},
    variables: {},
    context: context === undefined ? undefined : (JSON.parse(context) as Json),
    inspectionLevel: request.inspectionLevel ?? 'INFO',
    revealSecrets: false,
    mock:
      mock === undefined
        ? null
        : {
            result: mock.result === undefined ? undefined : (JSON.parse(mock.result) as Json),
            errorOutput: mock.errorOutput ?? null,
            fieldValidationMode: mock.fieldValidationMode ?? 'STRICT',
          },
    stateConfiguration: { ...NO_CONFIGURATION, ...request.stateConfiguration },
  }
}

/** An answer as the recorder writes them: what there is not is left out. */
export function plainAnswer({ output, ...rest }: TestStateAnswer): Record<string, unknown> {
  const members = Object.entries(rest).filter(([, value]) => value !== null)
  return { ...Object.fromEntries(members), ...(output === undefined ? {} : { output }) }
}
