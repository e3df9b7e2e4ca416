import { UserFault } from '../../errors.ts'
import type { BillTotals } from '../../model/bill.ts'
import { formatGigabyteSeconds, formatNanoUsd } from '../../model/price.ts'
import { connectionOf, nameCursors, pageRequest } from '../connection.ts'
import type { CostEstimateInput, Resolvers } from '../generated/resolvers.ts'

const lineCursors = nameCursors('bill-lines')

/** What every sum of money has. */
const totals = {
  requests: ({ requests }: BillTotals) => String(requests),
  gigabyteSeconds: ({ mebibyteMilliseconds }: BillTotals) => formatGigabyteSeconds(mebibyteMilliseconds),
  requestCost: ({ requestPriceNanoUsd }: BillTotals) => formatNanoUsd(requestPriceNanoUsd),
  durationCost: ({ durationPriceNanoUsd }: BillTotals) => formatNanoUsd(durationPriceNanoUsd),
  provisionedGigabyteSeconds: ({ provisionedMebibyteMilliseconds: provisioned }: BillTotals) =>
    formatGigabyteSeconds(provisioned),
  provisionedCost: ({ provisionedPriceNanoUsd }: BillTotals) => formatNanoUsd(provisionedPriceNanoUsd),
  stateTransitions: ({ stateTransitions }: BillTotals) => String(stateTransitions),
  expressExecutions: ({ expressExecutions }: BillTotals) => String(expressExecutions),
  stepFunctionsCost: ({ stepFunctionsPriceNanoUsd }: BillTotals) => formatNanoUsd(stepFunctionsPriceNanoUsd),
  cost: (sum: BillTotals) =>
    formatNanoUsd(
      sum.requestPriceNanoUsd + sum.durationPriceNanoUsd + sum.provisionedPriceNanoUsd + sum.stepFunctionsPriceNanoUsd,
    ),
}

/** `Query.bill`, `Query.costEstimate` and their types. */
export const billing: Resolvers = {
  Query: {
    bill: (_root, { month }, { services, principal }) => services.billing.bill(principal, month ?? null),
    costEstimate: (_root, { input }, { services, principal }) =>
      services.billing.estimate(principal, input.priceList ?? null, estimatedMonth(input)),
  },
  Bill: {
    ...totals,
    async lines({ month }, { groupBy, ...request }, { services, principal }) {
      const page = await services.billing.billLines(principal, month, groupBy, pageRequest(request, lineCursors))
      return connectionOf(page, ({ key }) => lineCursors.encode(key))
    },
  },
  BillLine: totals,
  CostEstimate: {
    billedDurationMs: ({ billedMs }) => billedMs,
    gigabyteSeconds: totals.gigabyteSeconds,
    requestCost: totals.requestCost,
    durationCost: totals.durationCost,
    provisionedCost: totals.provisionedCost,
    cost: totals.cost,
  },
}

const LONGEST_DURATION_MS = 900_000
const [LEAST_MEMORY_MIB, MOST_MEMORY_MIB] = [128, 10_240]
const MOST_PROVISIONED = 1_000_000
const HOUR_MS = 3_600_000
const MOST_HOURS = 744

function estimatedMonth(input: CostEstimateInput) {
  const { requests, durationMs, memoryMiB, freeRequests, architecture } = input
  const provisionedConcurrency = input.provisionedConcurrency ?? 0
  const provisionedHours = input.provisionedHours ?? 730
  refuseOutside('durationMs', durationMs, 0, LONGEST_DURATION_MS)
  refuseOutside('memoryMiB', memoryMiB, LEAST_MEMORY_MIB, MOST_MEMORY_MIB)
  refuseOutside('provisionedConcurrency', provisionedConcurrency, 0, MOST_PROVISIONED)
  refuseOutside('provisionedHours', provisionedHours, 0, MOST_HOURS)
  refuseNegative('requests', BigInt(requests))
  if (freeRequests != null) refuseNegative('freeRequests', BigInt(freeRequests))
  return {
    requests: BigInt(requests),
    durationMs,
    memoryMiB,
    architecture: architecture ?? 'X86_64',
    freeRequests: freeRequests == null ? null : BigInt(freeRequests),
    provisionedConcurrency,
    provisionedMs: BigInt(Math.round(provisionedHours * HOUR_MS)),
  } as const
}

function refuseOutside(field: string, value: number, least: number, most: number): void {
  if (value >= least && value <= most) return
  throw new UserFault('VALIDATION', `${field} must be from ${least} to ${most}, not ${value}.`, ['input', field])
}

function refuseNegative(field: string, value: bigint): void {
  if (value < 0n) throw new UserFault('VALIDATION', `${field} must not be negative.`, ['input', field])
}
