import type { Resolvers } from '../generated/resolvers.ts'
import { versionWeights } from './functionInputs.ts'
import { mutate } from './mutate.ts'

/** The mutations of versions and aliases. */
export const versionMutations: Resolvers = {
  Mutation: {
    publishVersion: (_root, { input }, context) =>
      mutate(context, { version: null }, async ({ functions }, scope) => ({
        version: await functions.publishVersion(scope, {
          functionName: input.functionName,
          description: input.description ?? null,
          codeSha256: input.codeSha256 ?? null,
          revisionId: input.revisionId ?? null,
        }),
      })),
    createAlias: (_root, { input }, context) =>
      mutate(context, { alias: null }, async ({ functions }, scope) => ({
        alias: await functions.createAlias(scope, {
          functionName: input.functionName,
          name: input.name,
          functionVersion: input.functionVersion,
          description: input.description ?? '',
          weights: versionWeights(input.routingConfig) ?? [],
        }),
      })),
    updateAlias: (_root, { input }, context) =>
      mutate(context, { alias: null }, async ({ functions }, scope) => ({
        alias: await functions.updateAlias(scope, {
          functionName: input.functionName,
          name: input.name,
          functionVersion: input.functionVersion ?? undefined,
          description: input.description ?? undefined,
          weights: versionWeights(input.routingConfig),
          revisionId: input.revisionId ?? null,
        }),
      })),
    deleteAlias: (_root, { input }, context) =>
      mutate(context, { deletedAliasArn: null }, ({ functions }, scope) => functions.deleteAlias(scope, input)),
  },
}
