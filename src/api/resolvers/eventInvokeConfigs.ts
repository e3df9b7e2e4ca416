import type { PutFunctionEventInvokeConfigRequest } from '../../functions/requests.ts'
import { functionArn } from '../../model/functionArn.ts'
import { DEFAULT_MAXIMUM_EVENT_AGE_MS, DEFAULT_MAXIMUM_RETRY_ATTEMPTS } from '../../model/queueTransition.ts'
import { connectionOf, nameCursors, pageRequest } from '../connection.ts'
import type {
  PutFunctionEventInvokeConfigInput,
  Resolvers,
  UpdateFunctionEventInvokeConfigInput,
} from '../generated/resolvers.ts'
import { mutate } from './mutate.ts'

const configCursors = nameCursors('eventInvokeConfigs')

/** How asynchronous invocations are tried: the config's mutations, its type, and where it is read. */
export const eventInvokeConfigs: Resolvers = {
  Query: {
    functionEventInvokeConfig: (_root, request, { services, principal }) =>
      services.functions.functionEventInvokeConfig(principal, request),
    async functionEventInvokeConfigs(_root, { functionName, ...request }, { services, principal }) {
      const wanted = pageRequest(request, configCursors)
      const page = await services.functions.functionEventInvokeConfigs(principal, functionName, wanted)
      return connectionOf(page, ({ qualifier }) => configCursors.encode(qualifier))
    },
  },
  Mutation: {
    putFunctionEventInvokeConfig: (_root, { input }, context) =>
      mutate(context, { functionEventInvokeConfig: null }, async ({ functions }, scope) => ({
        functionEventInvokeConfig: await functions.putFunctionEventInvokeConfig(scope, withDestinations(input)),
      })),
    updateFunctionEventInvokeConfig: (_root, { input }, context) =>
      mutate(context, { functionEventInvokeConfig: null }, async ({ functions }, scope) => ({
        functionEventInvokeConfig: await functions.updateFunctionEventInvokeConfig(scope, withDestinations(input)),
      })),
    deleteFunctionEventInvokeConfig: (_root, { input }, context) =>
      mutate(context, { functionArn: null }, ({ functions }, scope) =>
        functions.deleteFunctionEventInvokeConfig(scope, input),
      ),
  },
  FunctionEventInvokeConfig: {
    functionArn: ({ scope, functionName, qualifier }) => functionArn(scope, functionName, qualifier),
    maximumRetryAttempts: ({ maximumRetryAttempts }) => maximumRetryAttempts ?? DEFAULT_MAXIMUM_RETRY_ATTEMPTS,
    maximumEventAgeInSeconds: ({ maximumEventAgeInSeconds }) =>
      maximumEventAgeInSeconds ?? DEFAULT_MAXIMUM_EVENT_AGE_MS / 1000,
    destinationConfig: (config) => config,
  },
}

function withDestinations(
  input: PutFunctionEventInvokeConfigInput | UpdateFunctionEventInvokeConfigInput,
): PutFunctionEventInvokeConfigRequest {
  const { destinationConfig, ...settings } = input
  return {
    ...settings,
    onSuccess: destinationConfig?.onSuccess?.destination,
    onFailure: destinationConfig?.onFailure?.destination,
  }
}
