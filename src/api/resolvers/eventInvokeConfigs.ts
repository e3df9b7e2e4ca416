import { functionArn } from '../../model/functionArn.ts'
import { DEFAULT_MAXIMUM_EVENT_AGE_MS, DEFAULT_MAXIMUM_RETRY_ATTEMPTS } from '../../model/queueTransition.ts'
import type { Resolvers } from '../generated/resolvers.ts'
import { mutate } from './mutate.ts'

/** How asynchronous invocations are tried: the config's mutations, its type, and where it is read. */
export const eventInvokeConfigs: Resolvers = {
  Query: {
    functionEventInvokeConfig: (_root, request, { services, principal }) =>
      services.functions.functionEventInvokeConfig(principal, request),
  },
  Mutation: {
    putFunctionEventInvokeConfig: (_root, { input }, context) =>
      mutate(context, { functionEventInvokeConfig: null }, async ({ functions }, scope) => ({
        functionEventInvokeConfig: await functions.putFunctionEventInvokeConfig(scope, input),
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
  },
}
