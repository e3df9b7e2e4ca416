import type { PrismaClient } from '../db/prismaClient.ts'
import type { FunctionRecord, Scope } from '../model/records.ts'
import { functionRecord, WITH_LATEST } from './functionRecords.ts'

/** A function by its name, or null. */
export async function findFunction(prisma: PrismaClient, scope: Scope, name: string): Promise<FunctionRecord | null> {
  const { accountId, region } = scope
  const key = { accountId_region_name: { accountId, region, name } }
  const row = await prisma.function.findUnique({ where: key, include: WITH_LATEST })
  return row === null ? null : functionRecord(row)
}
