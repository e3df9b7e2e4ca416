import { connectionOf, nameCursors, pageRequest } from '../connection.ts'
import type { Resolvers } from '../generated/resolvers.ts'
import { mutate } from './mutate.ts'

const activityCursors = nameCursors('activities')

/** What workers outside say of tasks, and how they get them. */
export const taskCallbacks: Resolvers = {
  Query: {
    async activities(_root, request, { services, principal }) {
      const page = await services.stateMachines.activities.list(principal, pageRequest(request, activityCursors))
      return connectionOf(page, ({ name }) => activityCursors.encode(name))
    },
  },
  Mutation: {
    sendTaskSuccess: (_root, { input: { taskToken, output } }, context) =>
      mutate(context, { taskToken: null }, async ({ stateMachines: { callbacks } }, scope) => {
        await callbacks.succeed(scope, taskToken, JSON.stringify(output ?? null))
        return { taskToken }
      }),
    sendTaskFailure: (_root, { input: { taskToken, error, cause } }, context) =>
      mutate(context, { taskToken: null }, async ({ stateMachines: { callbacks } }, scope) => {
        await callbacks.fail(scope, taskToken, error ?? null, cause ?? null)
        return { taskToken }
      }),
    sendTaskHeartbeat: (_root, { input: { taskToken } }, context) =>
      mutate(context, { taskToken: null }, async ({ stateMachines: { callbacks } }, scope) => {
        await callbacks.heartbeat(scope, taskToken)
        return { taskToken }
      }),
    createActivity: (_root, { input: { name } }, context) =>
      mutate(context, { activity: null }, async ({ stateMachines: { activities } }, scope) => ({
        activity: await activities.create(scope, name),
      })),
    deleteActivity: (_root, { input: { activityArn } }, context) =>
      mutate(context, { activityArn: null }, async ({ stateMachines: { activities } }, scope) => {
        await activities.delete(scope, activityArn)
        return { activityArn }
      }),
    getActivityTask: (_root, { input: { activityArn, workerName } }, context) =>
      mutate(context, { task: null }, async ({ stateMachines: { activities } }, scope) => {
        const never = new AbortController().signal
        return { task: await activities.fetchTask(scope, activityArn, workerName ?? null, never) }
      }),
  },
  ActivityTask: {
    input: ({ input }) => JSON.parse(input),
  },
}
