import { UserFault } from '../../errors.ts'
import { formatNanoUsd } from '../../model/price.ts'
import type { InvocationRecord } from '../../model/records.ts'
import type { ExecutionCosts } from '../../statemachines/executions/executionCosts.ts'
import { logLine } from '../../statemachines/executions/executionLog.ts'
import type { HistoryEventRecord } from '../../statemachines/executions/executionRecords.ts'
import { loggedTypes } from '../../statemachines/executions/logLevels.ts'
import { currentStates, stateStatuses } from '../../statemachines/executions/stateStatuses.ts'
import { type StateSummary, stateSummaries } from '../../statemachines/executions/stateSummaries.ts'
import type { StartRequest, StateMachineServices } from '../../statemachines/services.ts'
import { stateMachineArn } from '../../statemachines/stateMachineArn.ts'
import { connectionOf, numberCursors, PAGE_LIMIT, pageRequest } from '../connection.ts'
import type { Resolvers, StartExecutionInput, StartSyncExecutionInput } from '../generated/resolvers.ts'
import { drawn } from './drawn.ts'
import { executionPage } from './executionPage.ts'
import { mutate } from './mutate.ts'
import { nullWhereMissing } from './nullWhereMissing.ts'

const eventCursors = numberCursors('historyEvents')

/** Executions: runs of state machines, and what happens in them. */
export const executions: Resolvers = {
  Query: {
    execution: (_root, { executionArn }, { services, principal }) =>
      nullWhereMissing(services.stateMachines.findExecution(principal, executionArn)),
    mapRun: (_root, { mapRunArn }, { services, principal }) => services.stateMachines.findMapRun(principal, mapRunArn),
    executions: (_root, { status, ...request }, { services, principal }) =>
      executionPage(services, principal, { stateMachineId: null, status: status ?? null }, request),
  },
  Mutation: {
    startExecution: (_root, { input }, context) =>
      mutate(context, { execution: null }, async ({ stateMachines }, scope) => ({
        execution: await stateMachines.startExecution(scope, startRequest(input)),
      })),
    startSyncExecution: (_root, { input }, context) =>
      mutate(context, { execution: null }, async ({ stateMachines }, scope) => ({
        execution: await stateMachines.startSyncExecution(scope, startRequest(input)),
      })),
    stopExecution: (_root, { input: { executionArn, error, cause } }, context) =>
      mutate(context, { execution: null }, async ({ stateMachines }, scope) => ({
        execution: await stateMachines.stopExecution(scope, executionArn, error ?? null, cause ?? null),
      })),
    redriveExecution: (_root, { input: { executionArn } }, context) =>
      mutate(context, { execution: null }, async ({ stateMachines }, scope) => ({
        execution: await stateMachines.redriveExecution(scope, executionArn),
      })),
  },
  Subscription: {
    executionEvents: {
      async subscribe(_root, { executionArn, after }, { services, principal }) {
        const { stateMachines } = services
        const { id } = await stateMachines.findExecution(principal, executionArn)
        const { after: position } = pageRequest({ after }, eventCursors)
        return stateMachines.followHistory(id, position ?? 0)
      },
      resolve: (event: HistoryEventRecord) => event,
    },
  },
  Execution: {
    type: ({ machineType }) => machineType,
    stateMachineVersionArn: ({ scope, stateMachineName, versionNumber }) =>
      versionNumber === null ? null : stateMachineArn(scope, stateMachineName, versionNumber),
    stateMachineAliasArn: ({ scope, stateMachineName, aliasName }) =>
      aliasName === null ? null : stateMachineArn(scope, stateMachineName, aliasName),
    stateMachine: ({ stateMachineArn: arn }, _request, { services, principal }) =>
      nullWhereMissing(services.stateMachines.describeStateMachine(principal, arn)),
    input: ({ input }) => JSON.parse(input),
    inputText: ({ input }) => input,
    outputText: ({ output }) => output,
    output: ({ output }) => (output === null ? null : JSON.parse(output)),
    async currentStates({ id, status }, _request, { services }) {
      return status === 'RUNNING' ? currentStates(await wholeHistory(services.stateMachines, id)) : []
    },
    async states({ id }, _request, { services: { stateMachines } }) {
      const [history, costs] = await Promise.all([wholeHistory(stateMachines, id), stateMachines.costs(id)])
      return stateSummaries(history, Date.now()).map((summary) => ({ ...summary, costs }))
    },
    async cost({ id }, _request, { services: { stateMachines } }) {
      const { ownNanoUsd, invocationNanoUsd } = await stateMachines.costs(id)
      return formatNanoUsd(sum([ownNanoUsd, ...invocationNanoUsd.values()]))
    },
    async diagram(execution, { format }, { services: { stateMachines } }) {
      const [definition, history] = await Promise.all([
        stateMachines.definitionOf(execution),
        wholeHistory(stateMachines, execution.id),
      ])
      return drawn(definition, format ?? 'SVG', stateStatuses(history))
    },
    async history({ id }, { reverseOrder, ...request }, { services }) {
      const page = { ...pageRequest(request, eventCursors), isReverse: reverseOrder ?? false }
      return connectionOf(await services.stateMachines.history(id, page), (event) => eventCursors.encode(event.id))
    },
    async log({ id, executionArn, stateMachineArn: arn }, request, { services: { stateMachines }, principal }) {
      const machine = await nullWhereMissing(stateMachines.describeStateMachine(principal, arn))
      const types = loggedTypes(machine?.loggingLevel ?? 'OFF')
      const page = await stateMachines.historyOfTypes(id, types, pageRequest(request, eventCursors))
      const hasData = machine?.includeExecutionData ?? false
      const lines = page.items.map((event) => ({ event, executionArn, hasData }))
      return connectionOf({ ...page, items: lines }, ({ event }) => eventCursors.encode(event.id))
    },
  },
  ExecutionLogLine: {
    cursor: ({ event }) => eventCursors.encode(event.id),
    timestamp: ({ event }) => event.timestamp,
    message: logLine,
  },
  MapRun: {
    execution: ({ executionId }, _request, { services, principal }) =>
      services.stateMachines.executionById(principal, executionId),
    executions: ({ id: mapRunId }, { status, ...request }, { services, principal }) =>
      executionPage(services, principal, { stateMachineId: null, status: status ?? null, mapRunId }, request),
  },
  ExecutedState: {
    invocationCount: ({ invocationIds }) => invocationIds.length,
    async invocations({ invocationIds }, _request, { loaders }) {
      const found = await loaders.invocations.byId.loadMany(invocationIds.slice(0, PAGE_LIMIT))
      return found.filter((each): each is InvocationRecord => each !== null && !(each instanceof Error))
    },
    cost: ({ invocationIds, costs }) =>
      formatNanoUsd(sum(invocationIds.map((id) => costs.invocationNanoUsd.get(id) ?? 0n))),
  },
  HistoryEvent: {
    cursor: ({ id }) => eventCursors.encode(id),
    invocation: ({ invocationId }, _request, { loaders }) =>
      invocationId === null ? null : loaders.invocations.byId.load(invocationId),
  },
}

/** A state's summary, with the ledger to take its cost from. */
export interface ExecutedStateRecord extends StateSummary {
  readonly costs: ExecutionCosts
}

const sum = (prices: readonly bigint[]) => prices.reduce((total, price) => total + price, 0n)

/** Histories end at this. */
const LARGEST_HISTORY = 25_000

async function wholeHistory(services: StateMachineServices, id: string): Promise<readonly HistoryEventRecord[]> {
  const { items } = await services.history(id, { first: LARGEST_HISTORY, after: null, isReverse: false })
  return items
}

function startRequest({
  stateMachineArn: arn,
  name,
  input,
  inputText,
}: StartExecutionInput | StartSyncExecutionInput): StartRequest {
  if (input !== undefined && inputText != null) {
    const message = 'Please give either input or inputText, not both.'
    throw new UserFault('INVALID_PARAMETER_VALUE', message, ['input', 'inputText'])
  }
  const text = inputText ?? JSON.stringify(input === undefined ? {} : input)
  return { stateMachineArn: arn, name: name ?? null, input: text }
}
