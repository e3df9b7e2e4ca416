import { isDeepStrictEqual } from 'node:util'
import type { Pool } from 'pg'
import type { PrismaClient } from '../../db/prismaClient.ts'
import { topics } from '../../events/topics.ts'
import type { Wakeups } from '../../events/wakeups.ts'
import type { Clock } from '../../model/clock.ts'
import { nextProvisionedState } from '../../model/provisionedConcurrency.ts'
import type { EnvironmentPool, UnreservedLog } from '../contract.ts'
import {
  demandsOf,
  type ProvisionedReport,
  type ProvisioningPlan,
  type ProvisioningRow,
  planProvisioning,
  reportsOf,
} from './plan.ts'
import { selectProvisioning } from './sql/selectProvisioning.ts'
import { selectLiveNodes, selectReports } from './sql/selectReports.ts'
import { writeReport } from './writeReport.ts'

/** Keeps this node's share of all provisioned concurrency started, and reports what it has. */
export interface Provisioner {
  start(): void
  /** Reports that this node has nothing any more. The environments are the pool's to end. */
  stop(): Promise<void>
}

export interface ProvisionerOptions {
  readonly prisma: PrismaClient
  readonly database: Pool
  readonly wakeups: Wakeups
  readonly clock: Clock
  readonly pool: EnvironmentPool
  readonly nodeId: string
  /** Takes what environments say while they start. */
  readonly initLog: UnreservedLog
  readonly onError: (error: unknown) => void
}

/** Nodes come and go without waking anybody: their shares are looked after this often. */
const LOOK_MS = 5_000

/**
 * Level-triggered: whatever woke it, it reads all that is wanted and all that is there, and makes the one the other.
 * What it missed, and what failed, is made up for at the next look.
 */
export function createProvisioner(options: ProvisionerOptions): Provisioner {
  const { prisma, database, wakeups, clock, pool, nodeId, initLog, onError } = options
  let subscription: Disposable | null = null
  let alarm: Disposable | null = null
  let looking: Promise<void> | null = null
  let mustLookAgain = false
  let isStopping = false

  function look(): void {
    if (isStopping) return
    mustLookAgain = true
    looking ??= lookUntilDone().finally(() => {
      looking = null
      if (mustLookAgain) look()
    })
  }

  async function lookUntilDone(): Promise<void> {
    while (mustLookAgain && !isStopping) {
      mustLookAgain = false
      try {
        await reconcile()
      } catch (error) {
        onError(error)
      }
    }
    alarm?.[Symbol.dispose]()
    if (!isStopping) alarm = clock.schedule(clock.now() + LOOK_MS, look)
  }

  async function reconcile(): Promise<void> {
    const { rows } = await database.query<ProvisioningRow>(selectProvisioning)
    const nodeIds = rows.length === 0 ? [] : await liveNodes()
    const plans = planProvisioning(rows, nodeIds, nodeId)
    pool.keepProvisioned(demandsOf(plans), initLog, look)
    if (plans.length > 0) await report(plans)
  }

  /** This node among them, also when it was late to say that it lives. */
  async function liveNodes(): Promise<readonly string[]> {
    const { rows } = await database.query<{ id: string }>(selectLiveNodes)
    return [...new Set([...rows.map(({ id }) => id), nodeId])].sort()
  }

  async function report(plans: readonly ProvisioningPlan[]): Promise<void> {
    const { rows: before } = await database.query<ProvisionedReport>(selectReports)
    for (const [plan, reports] of reportsOf(plans, nodeId, pool.provisioned(), before)) {
      const known = before.filter(
        ({ functionId, qualifier }) => functionId === plan.functionId && qualifier === plan.qualifier,
      )
      if (!isNews(plan, reports, known)) continue
      await writeReport({ prisma, nodeId, nowMs: clock.now() }, plan, reports).catch(onError)
    }
  }

  /** Whether this node reported something else before, or the config's state is not what all reports make it. */
  function isNews(
    plan: ProvisioningPlan,
    reports: readonly ProvisionedReport[],
    known: readonly ProvisionedReport[],
  ): boolean {
    const isOwn = (report: ProvisionedReport) => report.nodeId === nodeId
    const inOrder = (list: readonly ProvisionedReport[]) =>
      [...list].sort((a, b) => a.versionNumber - b.versionNumber).map((each) => ({ ...each }))
    if (!isDeepStrictEqual(inOrder(reports), inOrder(known.filter(isOwn)))) return true
    const state = nextProvisionedState(plan.state, {
      kind: 'COUNTED',
      requested: plan.requested,
      allocated: known.reduce((sum, { allocated }) => sum + allocated, 0),
      available: known.reduce((sum, { available }) => sum + available, 0),
      failure: known.find(({ failure }) => failure !== null)?.failure ?? null,
    })
    return !isDeepStrictEqual(state, plan.state)
  }

  return {
    start() {
      subscription = wakeups.listen(topics.provisioned, look)
      look()
    },
    async stop() {
      isStopping = true
      subscription?.[Symbol.dispose]()
      alarm?.[Symbol.dispose]()
      await looking
      pool.keepProvisioned([], initLog, () => undefined)
      try {
        const { rows } = await database.query<ProvisioningRow>(selectProvisioning)
        await report(planProvisioning(rows, [], nodeId))
      } catch (error) {
        onError(error)
      }
    },
  }
}
