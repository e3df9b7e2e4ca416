import type { Resolvers } from '../generated/resolvers.ts'
import { accountMutations } from './accountMutations.ts'
import { accountTypes } from './accountTypes.ts'
import { aliasShifts } from './aliasShifts.ts'
import { awsEndpoints } from './awsEndpoints.ts'
import { billing } from './billing.ts'
import { budgets } from './budgets.ts'
import { cancelInvocation } from './cancelInvocation.ts'
import { deadLetters } from './deadLetters.ts'
import { eventInvokeConfigs } from './eventInvokeConfigs.ts'
import { eventQueries } from './eventQueries.ts'
import { eventTypes } from './eventTypes.ts'
import { executions } from './executions.ts'
import { functionMutations } from './functionMutations.ts'
import { functionQueries } from './functionQueries.ts'
import { functionTypes } from './functionTypes.ts'
import { invocationQueries } from './invocationQueries.ts'
import { invocationTypes } from './invocationTypes.ts'
import { invoke } from './invoke.ts'
import { layers } from './layers.ts'
import { limits } from './limits.ts'
import { nodeQueries } from './nodeQueries.ts'
import { provisionedConcurrency } from './provisionedConcurrency.ts'
import { runtimeQueries } from './runtimeQueries.ts'
import { stateMachines } from './stateMachines.ts'
import { subscriptions } from './subscriptions.ts'
import { taskCallbacks } from './taskCallbacks.ts'
import { testState } from './testState.ts'
import { versionMutations } from './versionMutations.ts'

/** `UserError`: payloads name the type of each of theirs. */
const userErrors: Resolvers = { UserError: { __resolveType: ({ __typename }) => __typename ?? null } }

/** The resolvers of all types but the scalars, one group an entry. */
export const resolverGroups: readonly Resolvers[] = [
  accountMutations,
  accountTypes,
  aliasShifts,
  awsEndpoints,
  billing,
  budgets,
  cancelInvocation,
  deadLetters,
  eventInvokeConfigs,
  eventQueries,
  eventTypes,
  executions,
  functionMutations,
  functionQueries,
  functionTypes,
  invocationQueries,
  invocationTypes,
  invoke,
  layers,
  limits,
  nodeQueries,
  provisionedConcurrency,
  runtimeQueries,
  stateMachines,
  subscriptions,
  taskCallbacks,
  testState,
  userErrors,
  versionMutations,
]
