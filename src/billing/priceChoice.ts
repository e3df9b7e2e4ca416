import type { Pool } from 'pg'
import type { PrismaClient } from '../db/prismaClient.ts'
import { UserFault } from '../errors.ts'
import { notifyCall, topics } from '../events/topics.ts'
import type { PriceList } from '../model/price.ts'
import type { Scope } from '../model/records.ts'
import { type PriceBook, toPriceList } from './priceBook.ts'
import { type PriceListRow, selectAllPriceLists } from './sql/selectPriceLists.ts'

/** Which price lists there are, and which one an account is billed by. */
export interface PriceChoice {
  /** All lists of a region by name, each with what it was before, the newest first; at most 100. */
  all(scope: Scope): Promise<PriceList[]>
  /**
   * Bills the account by another list in this region; holds for every attempt that begins from now on. RESOURCE_NOT_FOUND
   * for a name that no list has.
   */
  choose(scope: Scope, name: string, hasFreeDuration: boolean): Promise<void>
}

export interface PriceChoiceOptions {
  readonly database: Pool
  readonly prisma: PrismaClient
  readonly book: PriceBook
}

export function createPriceChoice({ database, prisma, book }: PriceChoiceOptions): PriceChoice {
  async function all({ region }: Scope): Promise<PriceList[]> {
    const { rows } = await database.query<PriceListRow>({ ...selectAllPriceLists, values: [region] })
    return rows.map(toPriceList)
  }

  return {
    all,
    async choose(scope, name, hasFreeDuration) {
      const names = [...new Set((await all(scope)).map((list) => list.name))]
      if (!names.includes(name)) {
        const message = `Price list not found: ${name}. There are: ${names.join(', ')}.`
        throw new UserFault('RESOURCE_NOT_FOUND', message, ['input', 'name'])
      }
      const { accountId, region } = scope
      const data = { priceList: name, hasFreeDuration }
      await prisma.$transaction([
        prisma.accountRegion.upsert({
          where: { accountId_region: { accountId, region } },
          create: { accountId, region, ...data },
          update: data,
        }),
        prisma.$executeRawUnsafe(`SELECT ${notifyCall(`'${topics.prices}'`)}`),
      ])
      book.forget()
    },
  }
}
