import { UNZIPPED_BYTES, ZIP_IN_REQUEST_BYTES } from '../../model/functionLimits.ts'
import { connectionOf, pageRequest, uuidCursors } from '../connection.ts'
import type { Resolvers } from '../generated/resolvers.ts'
import { mutate } from './mutate.ts'

const caseCursors = uuidCursors('limitIncreaseCases')

/** What an account may have and has, how it gets more, and how often its limits refused it. */
export const limits: Resolvers = {
  Query: {
    accountSettings: (_root, _request, { services, principal }) => services.functions.accountSettings(principal),
    async limitIncreaseCases(_root, { status, ...request }, { services, principal }) {
      // The operator of the installation sees the cases of all accounts, everybody else those of their own.
      const accountId = principal.role === 'OPERATOR' ? null : principal.accountId
      const page = await services.limitIncreases.list(accountId, status ?? null, pageRequest(request, caseCursors))
      return connectionOf(page, ({ id }) => caseCursors.encode(id))
    },
    throttleCounts: (_root, { from, before, groupBy }, { services, principal }) =>
      services.events.throttleCounts(principal, from, before ?? null, groupBy ?? 'FUNCTION'),
  },
  Mutation: {
    requestLimitIncrease: (_root, { input }, context) =>
      mutate(context, { limitIncreaseCase: null }, async ({ limitIncreases }, scope) => ({
        limitIncreaseCase: await limitIncreases.request(scope, input.desiredValue, input.reason),
      })),
    cancelLimitIncrease: (_root, { input }, context) =>
      mutate(context, { limitIncreaseCase: null }, async ({ limitIncreases }, { accountId }) => ({
        limitIncreaseCase: await limitIncreases.cancel(accountId, input.caseId),
      })),
    approveLimitIncrease: (_root, { input }, context) =>
      mutate(context, { limitIncreaseCase: null }, async ({ limitIncreases }) => ({
        limitIncreaseCase: await limitIncreases.approve(input.caseId, input.approvedValue ?? null, input.note),
      })),
    declineLimitIncrease: (_root, { input }, context) =>
      mutate(context, { limitIncreaseCase: null }, async ({ limitIncreases }) => ({
        limitIncreaseCase: await limitIncreases.decline(input.caseId, input.note),
      })),
  },
  LimitIncreaseCase: {
    caseId: ({ id }) => id,
    accountId: ({ scope }) => scope.accountId,
    region: ({ scope }) => scope.region,
  },
  AccountSettings: {
    accountLimit: (settings) => settings,
    accountUsage: (settings) => settings,
  },
  AccountLimit: {
    codeSizeUnzippedBytes: () => UNZIPPED_BYTES,
    codeSizeZippedBytes: () => ZIP_IN_REQUEST_BYTES,
  },
  AccountUsage: {
    totalCodeSizeBytes: ({ usedCodeSizeBytes }) => String(usedCodeSizeBytes),
  },
}
