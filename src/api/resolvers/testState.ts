import type { Json } from '../../statemachines/data/json.ts'
import type { Mock, StateConfiguration, TestStateRequest } from '../../statemachines/testState/testStateRequest.ts'
import type {
  Resolvers,
  TestStateConfigurationInput,
  TestStateInput,
  TestStateMockInput,
} from '../generated/resolvers.ts'
import { mutate } from './mutate.ts'

const NOTHING = { status: null, output: null, error: null, cause: null, nextState: null, inspectionData: null }

/** States that are tried out by themselves. */
export const testState: Resolvers = {
  Mutation: {
    testState: (_root, { input }, context) =>
      mutate(context, NOTHING, ({ stateMachines }, scope) => stateMachines.testState(scope, requestOf(input))),
  },
}

function requestOf(given: TestStateInput): TestStateRequest {
  const { definition, mock } = given
  return {
    definition: typeof definition === 'string' ? definition : JSON.stringify(definition),
    stateName: given.stateName ?? null,
    roleArn: given.roleArn ?? null,
    // What is left out is not the same as null, which is a document.
    input: (given.input === undefined ? {} : given.input) as Json,
    variables: (given.variables ?? {}) as Json,
    context: (given.context ?? undefined) as Json | undefined,
    inspectionLevel: given.inspectionLevel ?? 'INFO',
    revealSecrets: given.revealSecrets ?? false,
    mock: mock == null ? null : mockOf(mock),
    stateConfiguration: configurationOf(given.stateConfiguration ?? {}),
  }
}

function mockOf({ result, errorOutput, fieldValidationMode }: TestStateMockInput): Mock {
  const { error = null, cause = null } = errorOutput ?? {}
  return {
    // Null is a result, but beside an error it is how clients leave one out.
    result: (errorOutput != null && result === null ? undefined : result) as Json | undefined,
    errorOutput: errorOutput == null ? null : { error, cause },
    fieldValidationMode: fieldValidationMode ?? 'STRICT',
  }
}

function configurationOf(given: TestStateConfigurationInput): StateConfiguration {
  return {
    retrierRetryCount: given.retrierRetryCount ?? null,
    mapIterationFailureCount: given.mapIterationFailureCount ?? null,
    errorCausedByState: given.errorCausedByState ?? null,
    mapItemReaderData: given.mapItemReaderData ?? null,
  }
}
