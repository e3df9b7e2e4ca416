import type { Prisma } from '../db/generated/client.ts'
import { notifyCall, topics } from '../events/topics.ts'
import type { Clock } from '../model/clock.ts'
import type { ProvisionedConfigRecord, ProvisionedStatus } from '../model/provisionedConcurrency.ts'
import type { FunctionOwner } from './functionRecords.ts'
import type { LockedFunction } from './lockedFunction.ts'
import { endProvisioning } from './sql/endProvisioning.ts'

/** A row of `provisioned_concurrency_config`, by Prisma or by the statements of `sql/`. */
export interface ProvisionedConfigRow {
  readonly functionId: string
  readonly qualifier: string
  readonly requested: number
  readonly lastModified: Date
  readonly status: string
  readonly statusReason: string | null
  readonly allocated: number
  readonly available: number
}

/** A config as the rest of the service knows it. */
export function provisionedConfigRecord(row: ProvisionedConfigRow, owner: FunctionOwner): ProvisionedConfigRecord {
  const { functionId, qualifier, requested, lastModified, statusReason, allocated, available } = row
  return {
    functionId,
    qualifier,
    requested,
    lastModified,
    status: row.status as ProvisionedStatus,
    statusReason,
    allocated,
    available,
    scope: { accountId: owner.accountId, region: owner.region },
    functionName: owner.name,
  }
}

/** The function's provisioned concurrency in all, or that of its versions and aliases but the given one. */
export async function provisionedOf({ transaction, record }: LockedFunction, except: string | null = null) {
  const { _sum: sum } = await transaction.provisionedConcurrencyConfig.aggregate({
    where: { functionId: record.id, ...(except === null ? {} : { qualifier: { not: except } }) },
    _sum: { requested: true },
  })
  return sum.requested ?? 0
}

/** Takes away the config of a version or alias, or all of the function's (null), and tells the nodes. */
export async function endProvisioned(
  { transaction, record }: LockedFunction,
  qualifier: string | null,
  clock: Clock,
): Promise<void> {
  const now = new Date(clock.now())
  const [ended] = await transaction.$queryRawUnsafe<{ count: number }[]>(
    endProvisioning.text,
    record.id,
    qualifier,
    now,
  )
  if (ended!.count > 0) await announceProvisioned(transaction)
}

/** Wakes all nodes, when the transaction commits: other environments are to be started ahead than before. */
export async function announceProvisioned(transaction: Prisma.TransactionClient): Promise<void> {
  await transaction.$executeRawUnsafe(`SELECT ${notifyCall(`'${topics.provisioned}'`)}`)
}
