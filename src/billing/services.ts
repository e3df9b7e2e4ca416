import type { Pool } from 'pg'
import { UserFault } from '../errors.ts'
import {
  type BillGroupingName,
  type BillLineRecord,
  type BillRecord,
  type BillTotals,
  type EstimatedMonth,
  estimateMonth,
  monthSpan,
} from '../model/bill.ts'
import type { Clock } from '../model/clock.ts'
import type { PriceList } from '../model/price.ts'
import type { Page, PageRequest, Scope } from '../model/records.ts'
import type { Budgets } from './budgets.ts'
import type { PriceBook } from './priceBook.ts'
import type { PriceChoice } from './priceChoice.ts'
import { selectBill, selectBillLines } from './sql/selectBill.ts'

/** What the API may ask of the bills. */
export interface BillingServices {
  /** The bill of a month as `2026-11`, of the present one for null. Throws a UserFault for what is no month. */
  bill(scope: Scope, month: string | null): Promise<BillRecord>
  /** A page of its lines in the order of their keys; the key of the page is the last one before it. */
  billLines(
    scope: Scope,
    month: string,
    groupBy: BillGroupingName,
    page: PageRequest<string>,
  ): Promise<Page<BillLineRecord>>
  /**
   * What a month would cost by a price list, null for the one the account is billed by; `freeRequests` of null are those
   * of the list. RESOURCE_NOT_FOUND for a name that no list has.
   */
  estimate(
    scope: Scope,
    priceList: string | null,
    month: Omit<EstimatedMonth, 'freeRequests'> & { readonly freeRequests: bigint | null },
  ): Promise<BillTotals & { readonly billedMs: number; readonly priceList: string }>
  /** The list that the account is billed by now. */
  chosenPriceList(scope: Scope): Promise<PriceList>
  readonly prices: PriceChoice
  readonly budgets: Budgets
}

export interface BillingServicesOptions {
  readonly database: Pool
  readonly clock: Clock
  readonly book: PriceBook
  readonly prices: PriceChoice
  readonly budgets: Budgets
}

export function createBillingServices(options: BillingServicesOptions): BillingServices {
  const { database, clock, book, prices, budgets } = options

  async function listNamed(scope: Scope, name: string): Promise<PriceList> {
    const nowMs = clock.now()
    const found = (await prices.all(scope)).find((list) => list.name === name && list.effectiveFromMs <= nowMs)
    if (found !== undefined) return found
    throw new UserFault('RESOURCE_NOT_FOUND', `Price list not found: ${name}.`, ['input', 'priceList'])
  }

  return {
    prices,
    budgets,
    chosenPriceList: (scope) => book.at(scope, clock.now()),
    async bill(scope, given) {
      const month = given ?? new Date(clock.now()).toISOString().slice(0, 7)
      const { rows } = await database.query({ ...selectBill, values: spanOf(scope, month) })
      return { month, ...totalsOf(rows[0]) }
    },
    async billLines(scope, month, groupBy, { first, after }) {
      const { rows } = await database.query({
        ...selectBillLines(groupBy),
        values: [...spanOf(scope, month), after ?? '', first + 1],
      })
      const lines = rows.map((row) => ({ key: row.key as string, ...totalsOf(row) }))
      return { items: lines.slice(0, first), hasNextPage: lines.length > first }
    },
    async estimate(scope, name, month) {
      const list = name === null ? await book.at(scope, clock.now()) : await listNamed(scope, name)
      const freeRequests = month.freeRequests ?? list.freeRequestsPerMonth
      return { ...estimateMonth({ ...month, freeRequests }, list), priceList: list.name }
    },
  }
}

function spanOf({ accountId, region }: Scope, month: string): unknown[] {
  const span = monthSpan(month)
  if (span !== null) return [accountId, region, new Date(span.fromMs), new Date(span.toMs)]
  throw new UserFault('INVALID_PARAMETER_VALUE', `'${month}' is not a month. Please write it as 2026-11.`, ['month'])
}

function totalsOf(row: Record<string, string>): BillTotals {
  return {
    requests: BigInt(row['requests']!),
    mebibyteMilliseconds: BigInt(row['mebibyte_milliseconds']!),
    requestPriceNanoUsd: BigInt(row['request_price']!),
    durationPriceNanoUsd: BigInt(row['duration_price']!),
    provisionedMebibyteMilliseconds: BigInt(row['provisioned_mebibyte_milliseconds']!),
    provisionedPriceNanoUsd: BigInt(row['provisioned_price']!),
    stateTransitions: BigInt(row['state_transitions']!),
    expressExecutions: BigInt(row['express_executions']!),
    stepFunctionsPriceNanoUsd: BigInt(row['step_functions_price']!),
  }
}
