import { randomUUID } from 'node:crypto'
import { createAccessTokens } from './access/tokens.ts'
import { createApiServer } from './api/server.ts'
import { createBudgets } from './billing/budgets.ts'
import { createBudgetWatch } from './billing/budgetWatch.ts'
import { createPriceBook } from './billing/priceBook.ts'
import { createPriceChoice } from './billing/priceChoice.ts'
import { createProvisionedBiller } from './billing/provisionedBiller.ts'
import { createBillingServices } from './billing/services.ts'
import { createConcurrencyLimiter } from './concurrency/limiter.ts'
import { createLimitIncreases } from './concurrency/limitIncreases.ts'
import type { Config } from './config.ts'
import type { Database } from './db/database.ts'
import { createHistoryKeeper } from './db/history/historyKeeper.ts'
import { connectClient } from './db/pool.ts'
import { createAwsClientCache } from './destinations/awsClientCache.ts'
import { createAwsEndpoints } from './destinations/awsEndpoints.ts'
import { createDeliverer } from './destinations/deliverer.ts'
import { createSenders } from './destinations/senders/createSenders.ts'
import { createEnvironments } from './environments/createEnvironments.ts'
import { createProvisioner } from './environments/provisioning/provisioner.ts'
import { createRevisionWatch } from './environments/revisionWatch.ts'
import { createBroker } from './events/broker.ts'
import { relayWakeups } from './events/relayWakeups.ts'
import { createEventServices } from './events/services.ts'
import { createWakeups } from './events/wakeups.ts'
import { createAliasShifter } from './functions/aliasShifter.ts'
import { createCodeStore } from './functions/codePackage/codeStore.ts'
import { createUnpackAhead } from './functions/codePackage/unpackAhead.ts'
import { createFunctionServices } from './functions/createFunctionServices.ts'
import { createExecutor } from './invocations/executor.ts'
import { createInitLog } from './invocations/initLog.ts'
import { completeDelivery, invokeTarget } from './invocations/invokeTarget.ts'
import { createJournal } from './invocations/journal.ts'
import { createMembership } from './invocations/membership.ts'
import { createInvocationServices } from './invocations/services.ts'
import type { Log } from './log.ts'
import { type Clock, systemClock } from './model/clock.ts'
import { openOutboundNetwork } from './network/openOutboundNetwork.ts'
import { createStateMachineServices } from './statemachines/createStateMachineServices.ts'

/** A service that runs. */
export interface Service {
  /** Where it listens, for example `http://127.0.0.1:4000`. */
  readonly url: string
  /** Secret of the first admin token when this start created it; else null. */
  readonly firstToken: string | null
  /** Takes no more requests and lets what runs end until `deadline` aborts; the rest is handed back or cut off. */
  stop(deadline: AbortSignal): Promise<void>
}

/** Wires all rooms together on a migrated database and starts them. The only file that knows every module. */
export async function compose(
  config: Config,
  database: Database,
  log: Log,
  clock: Clock = systemClock(config.timeScale),
): Promise<Service> {
  const nodeId = randomUUID()
  const onError = (error: unknown) => log.error(error)

  const wakeups = createWakeups()
  const broker = createBroker({ wakeups, onError })
  const events = createEventServices(database.pool, broker)
  const journal = createJournal({
    connect: () => connectClient(database.url, { applicationName: 'lambdaql journal' }),
    wake: wakeups.wake,
    onRetry: (error) => log.warn(`the database went away during a commit, which is tried again: ${error.message}`),
  })
  const prices = createPriceBook(database.pool, wakeups)
  const budgets = createBudgetWatch({ database: database.pool, wakeups, clock, onError })
  const relay = relayWakeups(database.listener, wakeups)

  const limiter = createConcurrencyLimiter({
    database: database.pool,
    wakeups,
    nodeId,
    confirmMembership: () => membership.confirm(),
  })
  const { instanceId } = database
  const membership = createMembership({
    database: database.pool,
    journal,
    clock,
    nodeId,
    instanceId,
    onError,
    onLapsed: limiter.loseSlices,
  })
  const codeStore = createCodeStore({ pool: database.pool, dataFolder: config.dataFolder })
  const unpackAhead = createUnpackAhead(codeStore)
  const network = await openOutboundNetwork(config, log)
  const environments = createEnvironments({ config, clock, codeStore, log, network })
  const functions = createFunctionServices({
    prisma: database.prisma,
    pool: database.pool,
    clock,
    dataFolder: config.dataFolder,
    ensureRuntime: async (runtime) => {
      await environments.runtimes.ensure(runtime)
    },
    onRevisionsChanged: environments.pool.retire,
    onVersionInUse({ shape, codeSha256 }) {
      environments.pool.expect(shape)
      unpackAhead.add(codeSha256)
    },
    onConcurrencyChanged: limiter.limitsChanged,
    reportFault: onError,
  })

  const invokeServices = {
    pool: environments.pool,
    journal,
    prices,
    budgets,
    clock,
    nodeId,
    onError,
    resolver: functions.resolver,
    limiter,
    random: Math.random,
  }
  const invocations = createInvocationServices(database.pool, invokeServices)
  const executor = createExecutor({
    services: invokeServices,
    database: database.pool,
    wakeups,
    parallel: executorSlots(config.memoryBudgetMiB),
  })

  const awsEndpoints = createAwsEndpoints(database.prisma, clock)
  const awsClients = createAwsClientCache(awsEndpoints.connection)
  const stateMachines = createStateMachineServices({
    prisma: database.prisma,
    database: database.pool,
    connect: () => connectClient(database.url, { applicationName: 'lambdaql executions' }),
    clock,
    wakeups,
    nodeId,
    invokeServices,
    awsClients,
    startRate: config.startRate,
    openExecutionLimit: config.openExecutionLimit,
    onRetry: (error) => log.warn(`the database went away during a commit, which is tried again: ${error.message}`),
    onError,
  })

  const deliverer = createDeliverer({
    database: database.pool,
    wakeups,
    clock,
    senders: createSenders(awsClients),
    invokeTarget: (delivery) => invokeTarget(invokeServices, delivery),
    complete: (delivery) => completeDelivery(invokeServices, delivery),
    onError,
  })

  const provisioner = createProvisioner({
    prisma: database.prisma,
    database: database.pool,
    wakeups,
    clock,
    pool: environments.pool,
    nodeId,
    initLog: createInitLog(journal, onError),
    onError,
  })
  const revisionWatch = createRevisionWatch({
    database: database.pool,
    wakeups,
    pool: environments.pool,
    onError,
  })
  const aliasShifter = createAliasShifter({
    prisma: database.prisma,
    database: database.pool,
    wakeups,
    clock,
    onError,
  })
  const provisionedBiller = createProvisionedBiller({ database: database.pool, prices, clock, onError })
  // By the machine's own time, which the ids of invocations carry, however fast `clock` goes.
  const { pool } = database
  const history = createHistoryKeeper({ pool, clock: systemClock(), retentionMs: config.retentionMs, onError })

  const access = createAccessTokens({ prisma: database.prisma, clock, region: config.region })
  const services = {
    access,
    functions: functions.services,
    invocations,
    awsEndpoints,
    limitIncreases: createLimitIncreases({ prisma: database.prisma, clock, onLimitChanged: limiter.limitsChanged }),
    events,
    billing: createBillingServices({
      database: database.pool,
      clock,
      book: prices,
      prices: createPriceChoice({ database: database.pool, prisma: database.prisma, book: prices }),
      budgets: createBudgets({ prisma: database.prisma, clock, onChanged: budgets.budgetsChanged }),
    }),
    runtimes: environments.runtimes,
    stateMachines: stateMachines.services,
  }
  const server = createApiServer({ services, config, log })

  await functions.start()
  await history.start()
  await membership.join()
  await budgets.start()
  const first = await access.bootstrap()
  const { url } = await server.listen()
  executor.start()
  stateMachines.start()
  deliverer.start()
  provisioner.start()
  provisionedBiller.start()
  aliasShifter.start()
  revisionWatch.start()

  return {
    url,
    firstToken: first?.secret ?? null,
    async stop(deadline) {
      await Promise.all([server.close(deadline), executor.stop(deadline), deliverer.stop(deadline)])
      await stateMachines.stop(deadline)
      await provisioner.stop()
      await Promise.all([provisionedBiller.stop(), aliasShifter.stop(), revisionWatch.stop(), budgets.stop()])
      broker.stop()
      await Promise.all([environments.pool.stop(), unpackAhead.stop()])
      await history.stop()
      await journal.stop()
      await membership.leave()
      relay[Symbol.dispose]()
    },
  }
}

const SMALLEST_ENVIRONMENT_MIB = 128
const MOST_SLOTS = 1_000

/** As many queued invocations at a time as the smallest environments fit into the memory; the pool sees to the rest. */
function executorSlots(memoryBudgetMiB: number): number {
  return Math.max(1, Math.min(MOST_SLOTS, Math.floor(memoryBudgetMiB / SMALLEST_ENVIRONMENT_MIB)))
}
