import { UserFault } from '../errors.ts'
import { parseFunctionReference, UNQUALIFIED_ONLY } from '../model/functionReference.ts'
import type { AliasRecord, PageRequest, Scope, VersionRecord } from '../model/records.ts'
import { findFunction } from './findFunction.ts'
import {
  type AliasRow,
  aliasRecord,
  type FunctionOwner,
  functionRecord,
  type VersionRow,
  versionRecord,
  WITH_LATEST,
  WITH_OWNER,
} from './functionRecords.ts'
import type { FunctionRoom } from './functionRoom.ts'
import { pageOf, pagesByFunction } from './pages.ts'
import type { AliasKey, FunctionServices, VersionKey } from './services.ts'
import { selectAliasPages } from './sql/selectAliasPages.ts'
import { selectVersionPages } from './sql/selectVersionPages.ts'

type Reads = Pick<
  FunctionServices,
  | 'getFunction'
  | 'listFunctions'
  | 'functionsById'
  | 'versionsById'
  | 'aliasesById'
  | 'versionsByNumber'
  | 'aliasesByName'
  | 'versionPages'
  | 'aliasPages'
>

/** Everything that reads and changes nothing. */
export function createFunctionReads({ prisma, pool }: Pick<FunctionRoom, 'prisma' | 'pool'>): Reads {
  return {
    async getFunction(scope, reference) {
      const fields = { functionName: ['functionName'], qualifier: ['functionName'] }
      const { name, qualifier } = parseFunctionReference(scope, reference, null, 'NamespacedFunctionName', fields)
      if (qualifier !== null && qualifier !== '$LATEST') {
        throw new UserFault('INVALID_PARAMETER_VALUE', UNQUALIFIED_ONLY, fields.functionName)
      }
      return findFunction(prisma, scope, name)
    },

    async listFunctions({ accountId, region }, { first, after }) {
      const rows = await prisma.function.findMany({
        where: { accountId, region, ...(after === null ? {} : { name: { gt: after } }) },
        orderBy: { name: 'asc' },
        take: first + 1,
        include: WITH_LATEST,
      })
      return pageOf(rows.map(functionRecord), first)
    },

    async functionsById({ accountId, region }, ids) {
      const where = { id: { in: [...ids] }, accountId, region }
      const rows = await prisma.function.findMany({ where, include: WITH_LATEST })
      return byId(rows.map(functionRecord))
    },

    async versionsById({ accountId, region }, ids) {
      const where = { id: { in: [...ids] }, function: { accountId, region } }
      const rows = await prisma.functionVersion.findMany({ where, include: WITH_OWNER })
      return byId(rows.map((row) => versionRecord(row, row.function)))
    },

    async aliasesById({ accountId, region }, ids) {
      const where = { id: { in: [...ids] }, function: { accountId, region } }
      const rows = await prisma.alias.findMany({ where, include: WITH_OWNER })
      return byId(rows.map((row) => aliasRecord(row, row.function)))
    },

    async versionsByNumber({ accountId, region }, keys) {
      const OR = keys.map(({ functionId, number }: VersionKey) => ({ functionId, number }))
      const where = { OR, function: { accountId, region } }
      const rows = await prisma.functionVersion.findMany({ where, include: WITH_OWNER })
      return rows.map((row) => versionRecord(row, row.function))
    },

    async aliasesByName({ accountId, region }, keys) {
      const OR = keys.map(({ functionId, name }: AliasKey) => ({ functionId, name }))
      const where = { OR, function: { accountId, region } }
      const rows = await prisma.alias.findMany({ where, include: WITH_OWNER })
      return rows.map((row) => aliasRecord(row, row.function))
    },

    async versionPages({ accountId, region }, functionIds, page: PageRequest<number>) {
      const values = [accountId, region, functionIds, page.after, page.first + 1]
      const { rows } = await pool.query<VersionRow & FunctionOwner>({ ...selectVersionPages, values })
      const records = rows.map((row): VersionRecord => versionRecord(row, row))
      return pagesByFunction(records, functionIds, page.first)
    },

    async aliasPages({ accountId, region }: Scope, functionIds, page: PageRequest<string>) {
      const values = [accountId, region, functionIds, page.after, page.first + 1]
      const { rows } = await pool.query<AliasPageRow>({ ...selectAliasPages, values })
      const records = rows.map((row): AliasRecord => aliasRecord({ ...row, name: row.aliasName }, row))
      return pagesByFunction(records, functionIds, page.first)
    },
  }
}

// An alias and its function both have a name: the statement calls the function's `name`, as `FunctionOwner` does.
type AliasPageRow = AliasRow & FunctionOwner & { readonly aliasName: string }

function byId<Item extends { readonly id: string }>(items: readonly Item[]): ReadonlyMap<string, Item> {
  return new Map(items.map((item) => [item.id, item]))
}
