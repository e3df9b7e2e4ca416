import { functionArn } from '../../model/functionArn.ts'
import { versionName } from '../../model/version.ts'
import { connectionOf, nameCursors, pageRequest } from '../connection.ts'
import type { Resolvers } from '../generated/resolvers.ts'
import { mutate } from './mutate.ts'

const configCursors = nameCursors('provisionedConcurrencyConfigs')

/** Provisioned concurrency: its mutations, its type, and where it is read. */
export const provisionedConcurrency: Resolvers = {
  Mutation: {
    putProvisionedConcurrencyConfig: (_root, { input }, context) =>
      mutate(context, { provisionedConcurrencyConfig: null }, async ({ functions }, scope) => ({
        provisionedConcurrencyConfig: await functions.putProvisionedConcurrencyConfig(scope, input),
      })),
    deleteProvisionedConcurrencyConfig: (_root, { input }, context) =>
      mutate(context, { functionArn: null }, ({ functions }, scope) =>
        functions.deleteProvisionedConcurrencyConfig(scope, input),
      ),
  },
  ProvisionedConcurrencyConfig: {
    functionArn: ({ scope, functionName, qualifier }) => functionArn(scope, functionName, qualifier),
  },
  Function: {
    async provisionedConcurrencyConfigs({ id }, request, { loaders }) {
      const page = pageRequest(request, configCursors)
      const configs = await loaders.functions.provisionedConfigPage.load({ ownerId: id, page })
      return connectionOf(configs, ({ qualifier }) => configCursors.encode(qualifier))
    },
  },
  FunctionVersion: {
    provisionedConcurrencyConfig: ({ functionId, number }, _request, { loaders }) =>
      loaders.functions.provisionedConfig.load({ functionId, qualifier: versionName(number) }),
  },
  Alias: {
    provisionedConcurrencyConfig: ({ functionId, name }, _request, { loaders }) =>
      loaders.functions.provisionedConfig.load({ functionId, qualifier: name }),
  },
}
