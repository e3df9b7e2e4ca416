import type { Scope } from '../model/records.ts'
import { type AwsClients, createAwsClients } from './awsClients.ts'
import type { AwsConnection } from './contract.ts'

/** The account has not said where its AWS services are. */
export class NoAwsEndpoint extends Error {
  constructor() {
    super('The account has no AWS endpoint in this region. Please put one with the mutation putAwsEndpoint.')
  }
}

/** The clients of an account in a region, by its endpoint as it is now. Rejects where it has none. */
export type AwsClientsOf = (scope: Scope) => Promise<AwsClients>

/** Accounts whose clients are kept at most; those beyond are made anew. */
const LARGEST_CACHE = 100

/** Keeps the clients of those who used them last. */
export function createAwsClientCache(connectionOf: (scope: Scope) => Promise<AwsConnection | null>): AwsClientsOf {
  const cache = new Map<string, AwsClients>()
  return async (scope) => {
    const connection = await connectionOf(scope)
    if (connection === null) {
      throw new NoAwsEndpoint()
    }
    const key = `${scope.accountId} ${scope.region} ${connection.revision}`
    const found = cache.get(key) ?? createAwsClients(scope, connection)
    cache.delete(key)
    cache.set(key, found)
    for (const oldest of cache.keys()) {
      if (cache.size <= LARGEST_CACHE) break
      cache.delete(oldest)
    }
    return found
  }
}
