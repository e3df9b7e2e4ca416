import { UserFault } from '../../errors.ts'
import { PAGE_LIMIT } from '../connection.ts'
import type { Context } from '../context.ts'
import type { Resolvers, ResolversTypes } from '../generated/resolvers.ts'
import { type GlobalType, readGlobalId } from '../globalId.ts'
import { ownAccount } from './accountTypes.ts'

/** How the object with a key is read, by its type. All of them see the caller's own account only; null: there is none. */
const READERS: Readonly<Record<GlobalType, (key: string, context: Context) => Promise<object | null>>> = {
  Account: async (key, context) => (key === context.principal.accountId ? ownAccount(context) : null),
  AccessToken: async (key, { services, principal }) =>
    (await services.access.byIds(principal.accountId, [key]))[0] ?? null,
  Function: (key, { loaders }) => loaders.functions.functionById.load(key),
  FunctionVersion: (key, { loaders }) => loaders.functions.versionById.load(key),
  Alias: (key, { loaders }) => loaders.functions.aliasById.load(key),
  Invocation: (key, { loaders }) => loaders.invocations.byId.load(key),
  // A code package has nothing to show: it is named where a function is created, and nowhere else.
  CodePackage: async () => null,
}

type NodeData = Awaited<ResolversTypes['Node']>

/** `Query.node` and `Query.nodes`. */
export const nodeQueries: Resolvers = {
  Node: { __resolveType: (node) => (node as unknown as { __typename: Exclude<GlobalType, 'CodePackage'> }).__typename },
  Query: {
    node: (_root, { id }, context) => readNode(id, context),
    async nodes(_root, { ids }, context) {
      if (ids.length <= PAGE_LIMIT) return Promise.all(ids.map((id) => readNode(id, context)))
      const message = `${PAGE_LIMIT} objects can be read at a time, not ${ids.length}.`
      throw new UserFault('INVALID_PARAMETER_VALUE', message, ['ids'])
    },
  },
}

async function readNode(id: string, context: Context): Promise<NodeData | null> {
  const read = readGlobalId(id)
  if (read === null) return null
  const record = await READERS[read.type](read.key, context)
  return record === null ? null : ({ __typename: read.type, ...record } as unknown as NodeData)
}
