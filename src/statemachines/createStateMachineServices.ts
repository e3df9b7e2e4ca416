import type { Client, Pool } from 'pg'
import type { PrismaClient } from '../db/prismaClient.ts'
import type { AwsClientsOf } from '../destinations/awsClientCache.ts'
import { guardedLookup, refusedHost } from '../destinations/endpointRules.ts'
import { UserFault } from '../errors.ts'
import type { Wakeups } from '../events/wakeups.ts'
import type { InvokeServices } from '../invocations/invoke.ts'
import type { RanInvocation } from '../invocations/journalEntry.ts'
import type { Clock } from '../model/clock.ts'
import type { StartRateSetting } from '../model/executionLimits.ts'
import type { Scope } from '../model/records.ts'
import { createActivities } from './activities.ts'
import { executionCosts } from './executions/executionCosts.ts'
import { definitionOf, executionById, findExecution, listExecutions } from './executions/executionReads.ts'
import { followHistory, historyOfTypes, historyPage } from './executions/history.ts'
import { findMapRun } from './executions/mapRuns.ts'
import { redriveExecution } from './executions/redriveExecution.ts'
import { stopExecution } from './executions/stopExecution.ts'
import { createTaskCallbacks } from './executions/taskCallbacks.ts'
import { createServiceCaller } from './integrations/serviceCaller.ts'
import { createStateMachine } from './machines/createStateMachine.ts'
import {
  createStateMachineAlias,
  deleteStateMachineAlias,
  stateMachineAliases,
  updateStateMachineAlias,
} from './machines/machineAliases.ts'
import { deleteStateMachine, describeStateMachine, stateMachines } from './machines/machineReads.ts'
import { createMachineResolver } from './machines/machineResolver.ts'
import {
  deleteStateMachineVersion,
  publishStateMachineVersion,
  stateMachineVersions,
} from './machines/machineVersions.ts'
import { tagStateMachine } from './machines/tagStateMachine.ts'
import { updateStateMachine } from './machines/updateStateMachine.ts'
import { createExecutionJournal } from './runner/executionJournal.ts'
import { createExecutionRunner } from './runner/executionRunner.ts'
import { createFunctionTask } from './runner/tasks/functionTask.ts'
import { createMapRunTask } from './runner/tasks/mapRunTask.ts'
import { createServiceTask } from './runner/tasks/serviceTask.ts'
import { performerOf } from './runner/tasks/taskPerformer.ts'
import type { StateMachineServices } from './services.ts'
import { createStartExecution, sha256 } from './startExecution.ts'
import { createStartLimits } from './startLimits.ts'
import { createStartRate } from './startRate.ts'
import { createTestState } from './testState/createTestState.ts'

export interface StateMachineOptions {
  readonly prisma: PrismaClient
  readonly database: Pool
  readonly connect: () => Promise<Client>
  readonly clock: Clock
  readonly wakeups: Wakeups
  readonly nodeId: string
  readonly invokeServices: InvokeServices
  readonly awsClients: AwsClientsOf
  readonly startRate: StartRateSetting
  /** How many Standard executions of an account may be open in a region. */
  readonly openExecutionLimit: number
  readonly onRetry: (error: Error) => void
  readonly onError: (error: unknown) => void
}

export interface StateMachineRoom {
  readonly services: StateMachineServices
  start(): void
  /** Puts executions out of memory; what still runs when `deadline` aborts is taken over later. */
  stop(deadline: AbortSignal): Promise<void>
}

/** Composes step functions. Nothing happens before `start`. */
export function createStateMachineServices(options: StateMachineOptions): StateMachineRoom {
  const { prisma, database, clock, wakeups, nodeId, invokeServices, awsClients, onError } = options
  const journal = createExecutionJournal({
    connect: options.connect,
    openExecutionLimit: options.openExecutionLimit,
    wake: wakeups.wake,
    onRetry: options.onRetry,
  })
  const machines = createMachineResolver(database)
  const limits = createStartLimits({
    budgets: invokeServices.budgets,
    rate: createStartRate(clock, options.startRate),
    journal: invokeServices.journal,
    clock,
  })
  const start = createStartExecution({ prisma, machines, limits, begin: (run) => runner.begin(run) })
  const record = (invocation: RanInvocation) => invokeServices.journal.write(invocation)
  const runFunction = createFunctionTask(invokeServices)
  const callService = createServiceTask({
    invokeServices,
    startExecution: start,
    callService: createServiceCaller(awsClients, { lookup: guardedLookup, refuseHost: refusedHost }),
  })
  const runner = createExecutionRunner({
    database,
    journal,
    clock,
    wakeups,
    nodeId,
    onError,
    record: (invocation) => {
      record(invocation).catch(onError)
    },
    perform: performerOf({
      runFunction,
      callService,
      runMap: createMapRunTask({ database, clock, wakeups, awsClients, begin: (run) => runner.begin(run), sha256 }),
    }),
  })
  const parts = { database, wakeups, clock }
  const find = (scope: Scope, arn: string) => findExecution(prisma, scope, arn)
  const follow = (executionId: string, after: number) => followHistory(database, wakeups, executionId, after)

  const services: StateMachineServices = {
    createStateMachine: (scope, request) => createStateMachine(prisma, clock, scope, request),
    updateStateMachine: (scope, request) => updateStateMachine(prisma, clock, scope, request),
    tagStateMachine: (scope, request) => tagStateMachine(prisma, database, scope, request),
    deleteStateMachine: (scope, arn) => deleteStateMachine(prisma, scope, arn),
    describeStateMachine: (scope, arn) => describeStateMachine(machines, scope, arn),
    stateMachines: (scope, request) => stateMachines(prisma, scope, request),
    publishVersion: (scope, arn, description, revisionId) =>
      publishStateMachineVersion(prisma, clock, scope, arn, description, revisionId),
    deleteVersion: (scope, arn) => deleteStateMachineVersion(prisma, scope, arn),
    versions: (machine, request) => stateMachineVersions(prisma, machine, request),
    createAlias: (scope, name, description, routes) =>
      createStateMachineAlias(prisma, clock, scope, name, description, routes),
    updateAlias: (scope, arn, description, routes) =>
      updateStateMachineAlias(prisma, clock, scope, arn, description, routes),
    deleteAlias: (scope, arn) => deleteStateMachineAlias(prisma, scope, arn),
    aliases: (machine, request) => stateMachineAliases(prisma, machine, request),
    startExecution: (scope, request) => start(scope, { ...request, child: null, isAgain: false, isSynchronous: false }),
    async startSyncExecution(scope, request) {
      const { machine } = await machines.resolve(scope, request.stateMachineArn, 0)
      if (machine.type !== 'EXPRESS') {
        const message = 'This operation is not supported by this type of state machine'
        throw new UserFault('STATE_MACHINE_TYPE_NOT_SUPPORTED', message, ['input', 'stateMachineArn'])
      }
      const { id, executionArn } = await start(scope, {
        ...request,
        child: null,
        isAgain: false,
        isSynchronous: true,
      })
      for await (const _event of follow(id, 0));
      return find(scope, executionArn)
    },
    async stopExecution(scope, arn, error, cause) {
      const execution = await find(scope, arn)
      if (execution.machineType === 'EXPRESS') {
        const message = 'This operation is not supported by this type of state machine'
        throw new UserFault('STATE_MACHINE_TYPE_NOT_SUPPORTED', message)
      }
      if (execution.status !== 'RUNNING') return execution
      await stopExecution(parts, execution, error, cause)
      for await (const _event of follow(execution.id, 0));
      return find(scope, arn)
    },
    async redriveExecution(scope, arn) {
      const { openExecutionLimit } = options
      await redriveExecution({ ...parts, openExecutionLimit, limits }, await find(scope, arn))
      return find(scope, arn)
    },
    findExecution: find,
    listExecutions: (scope, filter, request) => listExecutions(prisma, scope, filter, request),
    executionById: (scope, id) => executionById(prisma, scope, id),
    findMapRun: (scope, arn) => findMapRun(prisma, scope, arn),
    definitionOf: (execution) => definitionOf(prisma, execution),
    history: (executionId, request) => historyPage(database, executionId, request),
    historyOfTypes: (executionId, types, request) => historyOfTypes(database, executionId, types, request),
    costs: (executionId) => executionCosts(database, executionId),
    followHistory: follow,
    testState: createTestState({ clock, runFunction, callService, record, onError }),
    callbacks: createTaskCallbacks(database, wakeups, clock),
    activities: createActivities(prisma, database, wakeups, clock),
  }

  return {
    services,
    start: runner.start,
    async stop(deadline) {
      await runner.stop(deadline)
      await journal.stop()
    },
  }
}
