import type { ProvisionedConfigRecord } from '../model/provisionedConcurrency.ts'
import { type FunctionOwner, WITH_OWNER } from './functionRecords.ts'
import type { FunctionRoom } from './functionRoom.ts'
import { pagesByFunction } from './pages.ts'
import { type ProvisionedConfigRow, provisionedConfigRecord } from './provisionedConfigs.ts'
import type { FunctionServices } from './services.ts'
import { selectProvisionedConfigPages } from './sql/selectProvisionedConfigPages.ts'

type Reads = Pick<FunctionServices, 'provisionedConfigsByQualifier' | 'provisionedConfigPages'>

/** Reads of provisioned concurrency configs. */
export function createProvisionedReads({ prisma, pool }: Pick<FunctionRoom, 'prisma' | 'pool'>): Reads {
  return {
    async provisionedConfigsByQualifier({ accountId, region }, keys) {
      const OR = keys.map(({ functionId, qualifier }) => ({ functionId, qualifier }))
      const where = { OR, function: { accountId, region } }
      const rows = await prisma.provisionedConcurrencyConfig.findMany({ where, include: WITH_OWNER })
      return rows.map((row) => provisionedConfigRecord(row, row.function))
    },

    async provisionedConfigPages({ accountId, region }, functionIds, page) {
      const values = [accountId, region, functionIds, page.after, page.first + 1]
      const { rows } = await pool.query<ProvisionedConfigRow & FunctionOwner>({
        ...selectProvisionedConfigPages,
        values,
      })
      const records = rows.map((row): ProvisionedConfigRecord => provisionedConfigRecord(row, row))
      return pagesByFunction(records, functionIds, page.first)
    },
  }
}
