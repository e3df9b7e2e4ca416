import { UserFault } from '../../errors.ts'
import { isReached } from '../../model/budget.ts'
import { formatDecimal, formatGigabyteSeconds, formatNanoUsd, type PriceList } from '../../model/price.ts'
import type { ArchitectureName } from '../../model/records.ts'
import type { Resolvers } from '../generated/resolvers.ts'
import { mutate } from './mutate.ts'

/** What an account wants to spend, and by which prices it is billed. */
export const budgets: Resolvers = {
  Query: {
    budgets: (_root, _request, { services, principal }) => services.billing.budgets.list(principal),
    priceLists: (_root, _request, { services, principal }) => services.billing.prices.all(principal),
    priceList: (_root, _request, { services, principal }) => services.billing.chosenPriceList(principal),
  },
  Mutation: {
    putBudget: (_root, { input }, context) =>
      mutate(context, { budget: null }, async ({ billing }, scope) => ({
        budget: await billing.budgets.put(scope, {
          name: input.name,
          amountNanoUsd: nanoUsd(input.amount),
          alertPercentages: input.alertPercentages ?? [80, 100],
          isStopping: input.isStopping ?? false,
        }),
      })),
    deleteBudget: (_root, { input }, context) =>
      mutate(context, { name: null }, async ({ billing }, scope) => {
        await billing.budgets.delete(scope, input.name)
        return { name: input.name }
      }),
    choosePriceList: (_root, { input }, context) =>
      mutate(context, { priceList: null }, async ({ billing }, scope) => {
        await billing.prices.choose(scope, input.name, input.hasFreeDuration ?? false)
        return { priceList: await billing.chosenPriceList(scope) }
      }),
  },
  Budget: {
    amount: ({ amountNanoUsd }) => formatNanoUsd(amountNanoUsd),
    alertPercentages: ({ alertPercentages }) => [...alertPercentages],
    spent: ({ spentNanoUsd }) => formatNanoUsd(spentNanoUsd),
    isSpent: ({ spentNanoUsd, amountNanoUsd }) => isReached(spentNanoUsd, amountNanoUsd, 100),
  },
  PriceList: {
    effectiveFrom: ({ effectiveFromMs }) => new Date(effectiveFromMs),
    requestPrice: ({ requestNanoUsd }) => formatNanoUsd(requestNanoUsd),
    freeRequestsPerMonth: ({ freeRequestsPerMonth }) => String(freeRequestsPerMonth),
    freeGigabyteSecondsPerMonth: ({ freeMebibyteMilliseconds }) => formatGigabyteSeconds(freeMebibyteMilliseconds),
    prices: (list) => (['X86_64', 'ARM64'] as const).map((architecture) => ({ list, architecture })),
  },
  ArchitecturePrices: {
    duration: ({ list, architecture }) => formatDecimal(list.durationPicoUsd[architecture], PICO_DECIMALS),
    provisionedDuration: ({ list, architecture }) =>
      formatDecimal(list.provisionedDurationPicoUsd[architecture], PICO_DECIMALS),
    provisionedConcurrency: ({ list, architecture }) =>
      formatDecimal(list.provisionedPicoUsd[architecture], PICO_DECIMALS),
  },
}

/** What the fields of `ArchitecturePrices` are made of. */
export interface ArchitecturePricesRecord {
  readonly list: PriceList
  readonly architecture: ArchitectureName
}

const PICO_DECIMALS = 12
const NANO_DECIMALS = 9

/** Dollars as whole nano-dollars. Throws a VALIDATION for more decimals than that. */
function nanoUsd(dollars: string): bigint {
  const [, sign, whole, fraction = ''] = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?$/.exec(dollars) ?? []
  if (whole === undefined) {
    throw new UserFault('VALIDATION', 'An amount is in US dollars with at most nine decimals.', ['input', 'amount'])
  }
  const units = BigInt(whole + fraction.padEnd(NANO_DECIMALS, '0'))
  return sign === '-' ? -units : units
}
