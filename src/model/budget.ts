import { UserFault } from '../errors.ts'
import type { Scope } from './records.ts'

/** How much an account wants to spend in a region and month at most. */
export interface BudgetRecord {
  readonly id: string
  readonly scope: Scope
  readonly name: string
  readonly amountNanoUsd: bigint
  /** Of what it has spent there is an alert at each of these percentages, in ascending order. */
  readonly alertPercentages: readonly number[]
  /** Whether nothing runs any more when it is spent, until the month ends or the budget is raised. */
  readonly isStopping: boolean
  /** What is spent of the present month. */
  readonly spentNanoUsd: bigint
}

/** What can be put. */
export interface BudgetRequest {
  readonly name: string
  readonly amountNanoUsd: bigint
  readonly alertPercentages: readonly number[]
  readonly isStopping: boolean
}

/** Budgets of an account in a region at most. */
export const LARGEST_BUDGETS = 20
const LARGEST_PERCENTAGE = 1_000
const LARGEST_ALERTS = 10
const NAME = /^[a-zA-Z0-9 _.-]{1,64}$/
const LARGEST_AMOUNT_NANO_USD = 1_000_000_000n * 1_000_000_000n

/** Throws a VALIDATION for a budget that cannot be. */
export function refuseMalformedBudget({ name, amountNanoUsd, alertPercentages }: BudgetRequest): void {
  const refuse = (field: string, message: string) => {
    throw new UserFault('VALIDATION', message, ['input', field])
  }
  if (!NAME.test(name)) refuse('name', 'A budget has a name of 1 to 64 letters, digits, spaces, `.`, `-` or `_`.')
  if (amountNanoUsd <= 0n || amountNanoUsd > LARGEST_AMOUNT_NANO_USD) {
    refuse('amount', 'A budget is of more than 0 and at most 1,000,000,000 US dollars.')
  }
  const isFit = alertPercentages.every((percentage) => percentage >= 1 && percentage <= LARGEST_PERCENTAGE)
  if (!isFit || alertPercentages.length > LARGEST_ALERTS) {
    refuse(
      'alertPercentages',
      `A budget has at most ${LARGEST_ALERTS} alerts, each at 1 to ${LARGEST_PERCENTAGE} percent.`,
    )
  }
}

/** The percentages that are told of: those of the alerts, and 100 where it stops; each once, in ascending order. */
export function toldPercentages({ alertPercentages, isStopping }: BudgetRequest): number[] {
  return [...new Set([...alertPercentages, ...(isStopping ? [100] : [])])].sort((one, other) => one - other)
}

/** Whether so much of an amount is spent. */
export function isReached(spentNanoUsd: bigint, amountNanoUsd: bigint, percentage: number): boolean {
  return spentNanoUsd * 100n >= amountNanoUsd * BigInt(percentage)
}
