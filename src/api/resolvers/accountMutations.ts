import { UserFault } from '../../errors.ts'
import type { Resolvers } from '../generated/resolvers.ts'
import { keyOf } from '../globalId.ts'
import { mutate } from './mutate.ts'

/** `Mutation.createAccessToken` and `Mutation.revokeAccessToken`. */
export const accountMutations: Resolvers = {
  Mutation: {
    createAccessToken: (_root, { input }, context) =>
      mutate(context, { accessToken: null, secret: null }, ({ access }, { accountId }) =>
        access.create(accountId, {
          name: input.name,
          role: input.role,
          expiresInSeconds: input.expiresInSeconds ?? null,
        }),
      ),
    revokeAccessToken: (_root, { input }, context) =>
      mutate(context, { accessToken: null }, async ({ access }, { accountId }) => {
        const tokenId = keyOf('AccessToken', input.id)
        if (tokenId === null) throw new UserFault('RESOURCE_NOT_FOUND', 'Access token not found.', ['input', 'id'])
        return { accessToken: await access.revoke(accountId, tokenId) }
      }),
  },
}
