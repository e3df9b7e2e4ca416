import { UserFault } from '../../errors.ts'
import type { AccessTokenRoleName } from '../../model/records.ts'
import type { Resolvers } from '../generated/resolvers.ts'
import { keyOf } from '../globalId.ts'
import { mutate } from './mutate.ts'

/** `Mutation.createAccessToken` and `Mutation.revokeAccessToken`. */
export const accountMutations: Resolvers = {
  Mutation: {
    createAccessToken: (_root, { input }, context) =>
      mutate(context, { accessToken: null, secret: null }, async ({ access }, { accountId }) => {
        refuseOperator(input.role)
        const { name, role, expiresInSeconds } = input
        return access.create(accountId, { name, role, expiresInSeconds: expiresInSeconds ?? null })
      }),
    revokeAccessToken: (_root, { input }, context) =>
      mutate(context, { accessToken: null }, async ({ access }, { accountId }) => {
        const tokenId = keyOf('AccessToken', input.id)
        if (tokenId === null) throw new UserFault('RESOURCE_NOT_FOUND', 'Access token not found.', ['input', 'id'])
        return { accessToken: await access.revoke(accountId, tokenId) }
      }),
  },
}

/** Who could make an operator of itself would decide on its own limits, and see the cases of others. */
function refuseOperator(role: AccessTokenRoleName): void {
  if (role !== 'OPERATOR') return
  const message =
    'A token with the role OPERATOR is made where the service runs: npm run token -- create --role OPERATOR.'
  throw new UserFault('ACCESS_DENIED', message, ['input', 'role'])
}
