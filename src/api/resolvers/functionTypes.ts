import { UserFault } from '../../errors.ts'
import { functionArn, versionArn } from '../../model/functionArn.ts'
import { qualifierTarget } from '../../model/functionReference.ts'
import type { AliasRecord, FunctionRecord, VersionRecord } from '../../model/records.ts'
import { versionName } from '../../model/version.ts'
import { connectionOf, nameCursors, numberCursors, pageRequest } from '../connection.ts'
import type { Context } from '../context.ts'
import type { Resolvers } from '../generated/resolvers.ts'
import { globalId } from '../globalId.ts'
import { configurationFields } from './configurationFields.ts'

const versionCursors = numberCursors('versions')
const aliasCursors = nameCursors('aliases')

/** `Function`, `FunctionVersion`, `Alias` and their interface. Invocations and logs of a function are not among them. */
export const functionTypes: Resolvers = {
  FunctionConfiguration: {
    __resolveType: (configuration: FunctionRecord | VersionRecord) =>
      'latest' in configuration ? 'Function' : 'FunctionVersion',
  },
  Function: {
    ...configurationFields(({ latest }: FunctionRecord) => latest),
    id: ({ id }) => globalId('Function', id),
    functionName: ({ name }) => name,
    version: () => '$LATEST',
    functionArn: ({ scope, name }) => functionArn(scope, name),
    createdAt: ({ createdAt }) => createdAt,
    reservedConcurrentExecutions: ({ reservedConcurrency }) => reservedConcurrency,
    tags: ({ tags }) => Object.entries(tags).map(([key, value]) => ({ key, value })),
    async versionConfiguration({ id }, { version }, { loaders }) {
      const target = qualifierTarget(version)
      if (target.kind === 'ALIAS') return null
      return loaders.functions.versionByNumber.load({ functionId: id, number: target.number })
    },
    async versions({ id }, request, { loaders }) {
      const page = pageRequest(request, versionCursors)
      const versions = await loaders.functions.versionPage.load({ ownerId: id, page })
      return connectionOf(versions, ({ number }) => versionCursors.encode(number))
    },
    alias: ({ id }, { name }, { loaders }) => loaders.functions.aliasByName.load({ functionId: id, name }),
    async aliases({ id }, request, { loaders }) {
      const page = pageRequest(request, aliasCursors)
      const aliases = await loaders.functions.aliasPage.load({ ownerId: id, page })
      return connectionOf(aliases, ({ name }) => aliasCursors.encode(name))
    },
  },
  FunctionVersion: {
    ...configurationFields((version: VersionRecord) => version),
    id: ({ id }) => globalId('FunctionVersion', id),
    function: functionOf,
    version: ({ number }) => versionName(number),
    functionArn: versionArn,
  },
  Alias: {
    id: ({ id }) => globalId('Alias', id),
    function: functionOf,
    name: ({ name }) => name,
    aliasArn: ({ scope, functionName, name }) => functionArn(scope, functionName, name),
    functionVersion: ({ versionNumber }) => versionName(versionNumber),
    description: ({ description }) => description,
    routingConfig({ additionalNumber, additionalWeight }) {
      if (additionalNumber === null || additionalWeight === null) return null
      return { additionalVersion: versionName(additionalNumber), weight: additionalWeight }
    },
    revisionId: ({ revisionId }) => revisionId,
  },
}

async function functionOf(
  part: VersionRecord | AliasRecord,
  _request: unknown,
  { loaders }: Context,
): Promise<FunctionRecord> {
  const found = await loaders.functions.functionById.load(part.functionId)
  if (found !== null) return found
  throw new UserFault('RESOURCE_NOT_FOUND', 'The function was deleted while it was being read.')
}
