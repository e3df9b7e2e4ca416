import { PlatformFault } from '../../errors.ts'
import type { AccountRecord } from '../../model/records.ts'
import { type CursorCodec, connectionOf, nameCursors, pageRequest } from '../connection.ts'
import type { Context } from '../context.ts'
import type { Resolvers } from '../generated/resolvers.ts'
import { globalId, keyOf } from '../globalId.ts'

const names = nameCursors('accessTokens')

/** Cursors of access tokens: their ids. */
const tokenCursors: CursorCodec<string> = {
  encode: names.encode,
  decode(cursor) {
    const id = names.decode(cursor)
    return id === null ? null : keyOf('AccessToken', globalId('AccessToken', id))
  },
}

/** `Query.viewer`, `Account` and `AccessToken`. */
export const accountTypes: Resolvers = {
  Query: { viewer: (_root, _request, { principal }) => principal },
  Viewer: {
    account: (_principal, _request, context) => ownAccount(context),
    region: ({ region }) => region,
    role: ({ role }) => role,
  },
  Account: {
    id: ({ accountId }) => globalId('Account', accountId),
    accountId: ({ accountId }) => accountId,
    name: ({ name }) => name,
    createdAt: ({ createdAt }) => createdAt,
    async accessTokens({ accountId }, request, { services }) {
      const page = await services.access.list(accountId, pageRequest(request, tokenCursors))
      return connectionOf(page, ({ id }) => tokenCursors.encode(id))
    },
  },
  AccessToken: {
    id: ({ id }) => globalId('AccessToken', id),
    name: ({ name }) => name,
    role: ({ role }) => role,
    createdAt: ({ createdAt }) => createdAt,
    expiresAt: ({ expiresAt }) => expiresAt,
    revokedAt: ({ revokedAt }) => revokedAt,
  },
}

/** The caller's own account. */
export async function ownAccount({ services, principal }: Context): Promise<AccountRecord> {
  const account = await services.access.account(principal.accountId)
  if (account !== null) return account
  throw new PlatformFault(`account ${principal.accountId} has a token but does not exist`)
}
