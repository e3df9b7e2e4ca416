import { UserFault } from '../../errors.ts'
import { layerArn, layerVersionArn } from '../../model/layer.ts'
import { refuseLayerVersionNumber } from '../../model/layerRules.ts'
import { runtimeEnumName, runtimeIdentifier } from '../../model/runtime.ts'
import { connectionOf, nameCursors, numberCursors, pageRequest } from '../connection.ts'
import type { Resolvers } from '../generated/resolvers.ts'
import { codeSource } from './functionInputs.ts'
import { mutate } from './mutate.ts'

const layerCursors = nameCursors('layers')
const versionCursors = numberCursors('layerVersions')

/** Layers: their mutations, their types, and where they are read. */
export const layers: Resolvers = {
  Query: {
    layer: (_root, { layerName }, { services, principal }) => services.functions.getLayer(principal, layerName),
    async layers(_root, { compatibleRuntime, compatibleArchitecture, ...request }, { services, principal }) {
      const filter = {
        compatibleRuntime: compatibleRuntime ? runtimeIdentifier(compatibleRuntime) : null,
        compatibleArchitecture: compatibleArchitecture ?? null,
      }
      const page = await services.functions.listLayers(principal, filter, pageRequest(request, layerCursors))
      return connectionOf(page, ({ name }) => layerCursors.encode(name))
    },
  },
  Mutation: {
    publishLayerVersion: (_root, { input }, context) =>
      mutate(context, { layerVersion: null }, async ({ functions }, scope) => ({
        layerVersion: await asContent(() =>
          functions.publishLayerVersion(scope, {
            layerName: input.layerName,
            content: codeSource(input.content),
            description: input.description ?? '',
            compatibleRuntimes: (input.compatibleRuntimes ?? []).map(runtimeIdentifier),
            compatibleArchitectures: input.compatibleArchitectures ?? [],
            licenseInfo: input.licenseInfo ?? null,
          }),
        ),
      })),
    deleteLayerVersion: (_root, { input }, context) =>
      mutate(context, { deletedLayerVersionArn: null }, ({ functions }, scope) =>
        functions.deleteLayerVersion(scope, input),
      ),
  },
  Layer: {
    layerName: ({ name }) => name,
    layerArn: ({ scope, name }) => layerArn(scope, name),
    latestVersion: ({ latest }) => latest,
    version({ id }, { versionNumber }, { loaders }) {
      refuseLayerVersionNumber(versionNumber, ['versionNumber'])
      return loaders.functions.layerVersionByNumber.load({ layerId: id, number: versionNumber })
    },
    async versions({ id }, request, { loaders }) {
      const page = pageRequest(request, versionCursors)
      const versions = await loaders.functions.layerVersionPage.load({ ownerId: id, page })
      return connectionOf(versions, ({ number }) => versionCursors.encode(number))
    },
  },
  LayerVersion: {
    layerArn: ({ scope, layerName }) => layerArn(scope, layerName),
    layerVersionArn: ({ scope, layerName, number }) => layerVersionArn(scope, layerName, number),
    version: ({ number }) => number,
    compatibleRuntimes: ({ compatibleRuntimes }) => compatibleRuntimes.map(runtimeEnumName),
    compatibleArchitectures: ({ compatibleArchitectures }) => [...compatibleArchitectures],
    codeSha256: ({ codeSha256 }) => Buffer.from(codeSha256, 'hex').toString('base64'),
  },
}

/** Faults of an archive name the field `code`, where functions have it: layers have it in `content`. */
async function asContent<Result>(take: () => Promise<Result>): Promise<Result> {
  try {
    return await take()
  } catch (fault) {
    if (!(fault instanceof UserFault) || fault.field?.[1] !== 'code') throw fault
    throw new UserFault(fault.code, fault.message, ['input', 'content', ...fault.field.slice(2)])
  }
}
