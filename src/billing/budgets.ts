import { randomUUID } from 'node:crypto'
import type { PrismaClient } from '../db/prismaClient.ts'
import { UserFault } from '../errors.ts'
import { notifyCall, topics } from '../events/topics.ts'
import {
  type BudgetRecord,
  type BudgetRequest,
  LARGEST_BUDGETS,
  refuseMalformedBudget,
  toldPercentages,
} from '../model/budget.ts'
import type { Clock } from '../model/clock.ts'
import { billingMonth } from '../model/price.ts'
import type { Scope } from '../model/records.ts'

/** What an account wants to spend at most. */
export interface Budgets {
  /** Puts a budget by its name. One with another amount is another budget: what was told of the old one is told anew. */
  put(scope: Scope, request: BudgetRequest): Promise<BudgetRecord>
  /** RESOURCE_NOT_FOUND where there is none of that name. */
  delete(scope: Scope, name: string): Promise<void>
  /** All of an account in a region, at most 20, in the order of their names. */
  list(scope: Scope): Promise<BudgetRecord[]>
}

export interface BudgetsOptions {
  readonly prisma: PrismaClient
  readonly clock: Clock
  /** Told after each change; other nodes are told by notification. */
  readonly onChanged: () => Promise<void>
}

export function createBudgets({ prisma, clock, onChanged }: BudgetsOptions): Budgets {
  async function spent({ accountId, region }: Scope): Promise<bigint> {
    const month = new Date(billingMonth(clock.now()))
    const key = { accountId_region_month: { accountId, region, month } }
    return (await prisma.monthlySpending.findUnique({ where: key }))?.spentNanoUsd ?? 0n
  }

  const announce = `SELECT ${notifyCall(`'${topics.budgets}'`)}::text`

  return {
    async put(scope, request) {
      refuseMalformedBudget(request)
      const { accountId, region } = scope
      const { name, amountNanoUsd, isStopping } = request
      const row = await prisma.$transaction(async (transaction) => {
        const where = { accountId_region_name: { accountId, region, name } }
        const present = await transaction.budget.findUnique({ where })
        const others = await transaction.budget.count({ where: { accountId, region, name: { not: name } } })
        if (others >= LARGEST_BUDGETS) {
          const message = `An account has at most ${LARGEST_BUDGETS} budgets in a region. Please delete one first.`
          throw new UserFault('INVALID_PARAMETER_VALUE', message, ['input', 'name'])
        }
        const id = present?.amountNanoUsd === amountNanoUsd ? present.id : randomUUID()
        const data = { id, amountNanoUsd, alertPercentages: toldPercentages(request), isStopping }
        await transaction.$executeRawUnsafe(announce)
        return transaction.budget.upsert({ where, create: { accountId, region, name, ...data }, update: data })
      })
      await onChanged()
      return { ...row, scope, spentNanoUsd: await spent(scope) }
    },
    async delete({ accountId, region }, name) {
      const count = await prisma.$transaction(async (transaction) => {
        await transaction.$executeRawUnsafe(announce)
        return (await transaction.budget.deleteMany({ where: { accountId, region, name } })).count
      })
      if (count === 0) throw new UserFault('RESOURCE_NOT_FOUND', `Budget not found: ${name}`, ['input', 'name'])
      await onChanged()
    },
    async list(scope) {
      const { accountId, region } = scope
      const [rows, spentNanoUsd] = await Promise.all([
        prisma.budget.findMany({ where: { accountId, region }, orderBy: { name: 'asc' }, take: LARGEST_BUDGETS }),
        spent(scope),
      ])
      return rows.map((row) => ({ ...row, scope, spentNanoUsd }))
    },
  }
}
