import { pageRequest } from '../connection.ts'
import type { Resolvers } from '../generated/resolvers.ts'
import { eventConnection, eventCursors } from './eventPages.ts'

/** `Query.ledgerEntries` and `Query.throttleEvents`. */
export const eventQueries: Resolvers = {
  Query: {
    ledgerEntries: async (_root, request, { services, principal }) =>
      eventConnection(await services.events.ledger(principal).page(pageRequest(request, eventCursors))),
    throttleEvents: async (_root, request, { services, principal }) =>
      eventConnection(await services.events.throttles(principal).page(pageRequest(request, eventCursors))),
  },
}
