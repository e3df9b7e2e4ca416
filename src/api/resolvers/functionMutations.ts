import type { Resolvers } from '../generated/resolvers.ts'
import {
  createFunctionRequest,
  namedTags,
  updateFunctionCodeRequest,
  updateFunctionConfigurationRequest,
} from './functionInputs.ts'
import { mutate } from './mutate.ts'

/** The mutations of functions. */
export const functionMutations: Resolvers = {
  Mutation: {
    createFunction: (_root, { input }, context) =>
      mutate(context, { function: null, version: null }, ({ functions }, scope) =>
        functions.createFunction(scope, createFunctionRequest(input)),
      ),
    updateFunctionCode: (_root, { input }, context) =>
      mutate(context, { function: null, version: null }, ({ functions }, scope) =>
        functions.updateFunctionCode(scope, updateFunctionCodeRequest(input)),
      ),
    updateFunctionConfiguration: (_root, { input }, context) =>
      mutate(context, { function: null }, async ({ functions }, scope) => ({
        function: await functions.updateFunctionConfiguration(scope, updateFunctionConfigurationRequest(input)),
      })),
    deleteFunction: (_root, { input }, context) =>
      mutate(context, { deletedFunctionArn: null }, ({ functions }, scope) =>
        functions.deleteFunction(scope, { ...input, qualifier: input.qualifier ?? null }),
      ),
    tagFunction: (_root, { input }, context) =>
      mutate(context, { function: null }, async ({ functions }, scope) => ({
        function: await functions.tagFunction(scope, { ...input, tags: namedTags(input.tags) }),
      })),
    untagFunction: (_root, { input }, context) =>
      mutate(context, { function: null }, async ({ functions }, scope) => ({
        function: await functions.untagFunction(scope, input),
      })),
    putFunctionConcurrency: (_root, { input }, context) =>
      mutate(context, { function: null }, async ({ functions }, scope) => ({
        function: await functions.putFunctionConcurrency(scope, input),
      })),
    deleteFunctionConcurrency: (_root, { input }, context) =>
      mutate(context, { function: null }, async ({ functions }, scope) => ({
        function: await functions.deleteFunctionConcurrency(scope, input),
      })),
    putFunctionRecursionConfig: (_root, { input }, context) =>
      mutate(context, { function: null }, async ({ functions }, scope) => ({
        function: await functions.putFunctionRecursionConfig(scope, input),
      })),
  },
}
