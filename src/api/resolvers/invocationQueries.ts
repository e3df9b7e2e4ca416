import type { InvocationFilter } from '../../invocations/invocationFilter.ts'
import { parseUnqualifiedReference } from '../../model/functionReference.ts'
import type { Scope } from '../../model/records.ts'
import { connectionOf, pageRequest } from '../connection.ts'
import type { InputMaybe, InvocationFilterInput, Resolvers } from '../generated/resolvers.ts'
import { invocationCursors } from './invocationTypes.ts'

/** `Query.invocation` and `Query.invocations`. */
export const invocationQueries: Resolvers = {
  Query: {
    invocation: (_root, { requestId }, { loaders }) => loaders.invocations.byId.load(requestId),
    async invocations(_root, { filter, ...request }, { services, principal }) {
      const wanted = pageRequest(request, invocationCursors)
      const page = await services.invocations.list(principal, filterOf(principal, filter ?? {}), wanted)
      return connectionOf(page, ({ id }) => invocationCursors.encode(id))
    },
  },
}

function filterOf(scope: Scope, filter: InvocationFilterInput): InvocationFilter {
  const { functionName } = filter
  return {
    functionName: functionName == null ? null : parseUnqualifiedReference(scope, functionName),
    statuses: listOf(filter.statuses),
    types: listOf(filter.types),
    sources: listOf(filter.sources),
    createdFrom: filter.createdFrom ?? null,
    createdBefore: filter.createdBefore ?? null,
  }
}

/** An empty list is no condition: a front end whose boxes are all unticked shows everything. */
function listOf<Item>(items: InputMaybe<Item[]> | undefined): readonly Item[] | null {
  return items == null || items.length === 0 ? null : items
}
