import { UserFault } from '../../errors.ts'
import { canarySteps, linearSteps, type ShiftStep } from '../../model/aliasShift.ts'
import type { AliasShiftEventRecord } from '../../model/eventRecords.ts'
import { encodeCursor } from '../../model/position.ts'
import { versionName } from '../../model/version.ts'
import type { AliasShiftPlanInput, Resolvers } from '../generated/resolvers.ts'
import { mutate } from './mutate.ts'
import { positionOf } from './subscriptions.ts'

/** Shifts of aliases from one version to another: by steps, and taken back by themselves. */
export const aliasShifts: Resolvers = {
  Mutation: {
    startAliasShift: (_root, { input }, context) =>
      mutate(context, { aliasShift: null }, async ({ functions }, scope) => {
        const { functionName, aliasName, toVersion, plan, rollback } = input
        return {
          aliasShift: await functions.startAliasShift(scope, {
            functionName,
            aliasName,
            toVersion,
            steps: stepsOf(plan),
            bounds: {
              maximumErrorRatePercent: rollback?.maximumErrorRatePercent ?? null,
              maximumP99Ms: rollback?.maximumP99Ms ?? null,
              minimumInvocations: rollback?.minimumInvocations ?? 10,
            },
          }),
        }
      }),
    stopAliasShift: (_root, { input }, context) =>
      mutate(context, { aliasShift: null }, async ({ functions }, scope) => ({
        aliasShift: await functions.stopAliasShift(scope, input),
      })),
  },
  Subscription: {
    aliasShiftEvents: {
      async subscribe(_root, { functionName, after }, { services, principal }) {
        const found = await services.functions.getFunction(principal, functionName)
        if (found === null)
          throw new UserFault('RESOURCE_NOT_FOUND', `Function not found: ${functionName}`, ['functionName'])
        return services.events.aliasShifts(found.id).follow(positionOf(after))
      },
      resolve: (event: AliasShiftEventRecord) => event,
    },
  },
  Alias: {
    shift: ({ functionId, name }, _request, { loaders }) => loaders.functions.lastShift.load({ functionId, name }),
  },
  AliasShift: {
    fromVersion: ({ fromVersion }) => versionName(fromVersion),
    toVersion: ({ toVersion }) => versionName(toVersion),
    steps: ({ steps }) => [...steps],
    weightPercent: ({ status, steps, step }) =>
      status === 'RUNNING' ? steps[step]!.weightPercent : status === 'COMPLETED' ? 100 : 0,
    stepEndsAt: ({ status, stepEndsAt }) => (status === 'RUNNING' ? stepEndsAt : null),
  },
  AliasShiftEvent: {
    cursor: ({ position }) => encodeCursor(position),
    toVersion: ({ toVersion }) => versionName(toVersion),
  },
}

function stepsOf({ canary, linear, steps }: AliasShiftPlanInput): ShiftStep[] {
  // The schema's @oneOf has exactly one of them set.
  if (canary != null) return canarySteps(canary.weightPercent, canary.durationSeconds)
  if (linear != null) return linearSteps(linear.weightPercent, linear.everySeconds)
  return steps ?? []
}
