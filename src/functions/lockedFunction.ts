import type { Prisma } from '../db/generated/client.ts'
import type { PrismaClient } from '../db/prismaClient.ts'
import type { FunctionRecord, Scope } from '../model/records.ts'
import { type FunctionRow, functionRecord, WITH_LATEST } from './functionRecords.ts'
import { lockFunction } from './sql/lockFunction.ts'

/** A function that nobody else changes until the transaction ends. */
export interface LockedFunction {
  readonly transaction: Prisma.TransactionClient
  readonly record: FunctionRecord
  readonly lastVersionNumber: number
}

// Changes of one function queue up behind its lock; each takes a few milliseconds.
const PATIENCE = { maxWait: 20_000, timeout: 20_000 } as const

/**
 * Runs `change` in one transaction that holds the function's lock (see sql/lockFunction.ts), or returns null where
 * there is no function. What it throws undoes everything. It must not wait for anything but the transaction.
 */
export async function withLockedFunction<Result>(
  prisma: PrismaClient,
  scope: Scope,
  name: string,
  change: (locked: LockedFunction) => Promise<Result>,
): Promise<Result | null> {
  return prisma.$transaction(async (transaction) => {
    const { accountId, region } = scope
    const found = await transaction.$queryRawUnsafe<{ id: string }[]>(lockFunction.text, accountId, region, name)
    const id = found[0]?.id
    if (id === undefined) return null
    const row = await transaction.function.findUniqueOrThrow({ where: { id }, include: WITH_LATEST })
    return change({ transaction, record: functionRecord(row), lastVersionNumber: row.lastVersionNumber })
  }, PATIENCE)
}

/** The function as the transaction has made it so far. */
export async function readBack({ transaction, record }: LockedFunction): Promise<FunctionRecord> {
  const row: FunctionRow = await transaction.function.findUniqueOrThrow({
    where: { id: record.id },
    include: WITH_LATEST,
  })
  return functionRecord(row)
}
