import { v7 as uuid } from 'uuid'
import type { PrismaClient } from '../db/prismaClient.ts'
import { hashSecret, newSecret } from './secret.ts'

/** What a first start creates. */
export interface FirstAccess {
  readonly accountId: string
  /** Of an admin token; shown this once. */
  readonly secret: string
}

const FIRST_ACCOUNT = '100000000001'

/**
 * Creates the first account with its limits in `region` and an admin token, in one transaction. Null when there is an
 * account already. Of nodes that start at the same time exactly one creates it: the others wait for its row.
 */
export async function bootstrap(prisma: PrismaClient, region: string, now: Date): Promise<FirstAccess | null> {
  return prisma.$transaction(async (transaction) => {
    if ((await transaction.account.findFirst({ select: { id: true } })) !== null) return null
    const account = { id: FIRST_ACCOUNT, name: 'default', createdAt: now }
    const { count } = await transaction.account.createMany({ data: [account], skipDuplicates: true })
    if (count === 0) return null
    await transaction.accountRegion.create({ data: { accountId: FIRST_ACCOUNT, region } })
    const secret = newSecret()
    await transaction.accessToken.create({
      data: {
        id: uuid(),
        accountId: FIRST_ACCOUNT,
        name: 'first admin token',
        role: 'ADMIN',
        secretHash: hashSecret(secret),
        createdAt: now,
      },
    })
    return { accountId: FIRST_ACCOUNT, secret }
  })
}
