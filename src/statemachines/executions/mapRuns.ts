import type { PrismaClient } from '../../db/prismaClient.ts'
import type { Scope } from '../../model/records.ts'
import type { ExecutionStatus } from './executionRecords.ts'

/** A distributed Map that runs or ran. */
export interface MapRunRecord {
  readonly id: string
  readonly mapRunArn: string
  readonly executionId: string
  readonly status: ExecutionStatus
  readonly maxConcurrency: number
  readonly toleratedFailureCount: number | null
  readonly toleratedFailurePercentage: number | null
  readonly total: number | null
  readonly succeeded: number
  readonly failed: number
  readonly startedAt: Date
  readonly stoppedAt: Date | null
}

/** A Map Run by its ARN; null where the account has none such. */
export async function findMapRun(
  prisma: PrismaClient,
  { accountId }: Scope,
  arn: string,
): Promise<MapRunRecord | null> {
  const row = await prisma.mapRun.findUnique({ where: { arn, accountId } })
  if (row === null) return null
  const { arn: mapRunArn, concurrency: maxConcurrency, status, ...rest } = row
  return { ...rest, mapRunArn, maxConcurrency, status: status as ExecutionStatus }
}
