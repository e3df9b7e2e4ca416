import type { PrismaClient } from '../../db/prismaClient.ts'
import { lockProvisionedConfig } from '../../functions/sql/lockProvisionedConfig.ts'
import { nextProvisionedState, type ProvisionedState } from '../../model/provisionedConcurrency.ts'
import type { ProvisionedReport, ProvisioningPlan } from './plan.ts'
import { deleteReports, sumReports } from './sql/replaceReports.ts'
import { beginPeriods, endPeriods } from './sql/settlePeriods.ts'

/** What the report of a config comes from. */
export interface ReportOrigin {
  readonly prisma: PrismaClient
  readonly nodeId: string
  readonly nowMs: number
}

type LockedConfig = ProvisionedState & { readonly requested: number; readonly lastModified: Date }
type VersionSum = Pick<ProvisionedReport, 'versionNumber' | 'allocated' | 'available' | 'failure'>

/**
 * Writes what this node has of a config, and with it, in one transaction, what all have: the config's state and the
 * periods that are billed. Writes nothing where the config is gone or was put anew since the plan was made: who did that
 * has woken this node.
 */
export async function writeReport(
  { prisma, nodeId, nowMs }: ReportOrigin,
  plan: ProvisioningPlan,
  reports: readonly ProvisionedReport[],
): Promise<void> {
  const { functionId, qualifier } = plan
  const now = new Date(nowMs)
  await prisma.$transaction(async (transaction) => {
    const [config] = await transaction.$queryRawUnsafe<LockedConfig[]>(
      lockProvisionedConfig.text,
      functionId,
      qualifier,
    )
    if (config === undefined || config.lastModified.getTime() !== plan.putAt.getTime()) return
    await transaction.$executeRawUnsafe(deleteReports.text, functionId, qualifier, nodeId)
    await transaction.provisionedEnvironment.createMany({ data: [...reports] })
    const sums = await transaction.$queryRawUnsafe<VersionSum[]>(sumReports.text, functionId, qualifier)
    const data = nextProvisionedState(config, {
      kind: 'COUNTED',
      requested: config.requested,
      allocated: total(sums, ({ allocated }) => allocated),
      available: total(sums, ({ available }) => available),
      failure: sums.find(({ failure }) => failure !== null)?.failure ?? null,
    })
    const where = { functionId_qualifier: { functionId, qualifier } }
    await transaction.provisionedConcurrencyConfig.update({ where, data })
    // While a share moves from one node to another both have it: it is billed once.
    const wanted = new Map(plan.parts.map(({ spec, wanted: count }) => [spec.versionNumber, count]))
    const present = sums.map((sum) => Math.min(sum.allocated, wanted.get(sum.versionNumber) ?? 0))
    const numbers = sums.map(({ versionNumber }) => versionNumber)
    const values = [functionId, qualifier, numbers, present, now] as const
    await transaction.$executeRawUnsafe(endPeriods.text, ...values)
    await transaction.$executeRawUnsafe(beginPeriods.text, ...values)
  })
}

function total(sums: readonly VersionSum[], of: (sum: VersionSum) => number): number {
  return sums.reduce((result, sum) => result + of(sum), 0)
}
