import { randomInt } from 'node:crypto'
import { errorCode } from '../db/errorCode.ts'
import type { PrismaClient } from '../db/prismaClient.ts'
import { UserFault } from '../errors.ts'
import type { AccountRecord } from '../model/records.ts'

const NAME_LENGTH = 128

/** Throws a UserFault for a name of nothing or of more than 128 characters. */
export function refuseMalformedName(name: string, field: readonly string[] | null): void {
  if (name.trim().length > 0 && name.length <= NAME_LENGTH) return
  throw new UserFault('VALIDATION', `A name has 1 to ${NAME_LENGTH} characters.`, field)
}

/** The account with these twelve digits, or null. */
export async function findAccount(prisma: PrismaClient, accountId: string): Promise<AccountRecord | null> {
  const row = await prisma.account.findUnique({ where: { id: accountId } })
  return row === null ? null : { accountId: row.id, name: row.name, createdAt: row.createdAt }
}

/** Creates an account with a number of its own, as random as AWS's, and its limits in `region`. */
export async function createAccount(
  prisma: PrismaClient,
  name: string,
  region: string,
  createdAt: Date,
): Promise<AccountRecord> {
  refuseMalformedName(name, null)
  for (;;) {
    const accountId = String(randomInt(200_000_000_000, 1_000_000_000_000))
    try {
      await prisma.account.create({ data: { id: accountId, name, createdAt, regions: { create: { region } } } })
      return { accountId, name, createdAt }
    } catch (cause) {
      if (errorCode(cause) !== 'P2002') throw cause
    }
  }
}

/** The oldest account, or null where there is none yet. */
export async function findFirstAccount(prisma: PrismaClient): Promise<AccountRecord | null> {
  const row = await prisma.account.findFirst({ orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] })
  return row === null ? null : { accountId: row.id, name: row.name, createdAt: row.createdAt }
}
