import { v7 as uuid } from 'uuid'
import { errorCode } from '../db/errorCode.ts'
import type { LimitIncreaseCase, Prisma } from '../db/generated/client.ts'
import type { PrismaClient } from '../db/prismaClient.ts'
import { UserFault } from '../errors.ts'
import type { Clock } from '../model/clock.ts'
import {
  type LimitIncreaseEvent,
  type LimitIncreaseRecord,
  type LimitIncreaseStatus,
  LONGEST_REMARK,
  nextLimitIncreaseStatus,
  refuseUnfitLimit,
} from '../model/limitIncrease.ts'
import type { Page, PageRequest, Scope } from '../model/records.ts'
import { isStorableText } from '../model/textRules.ts'
import { lockLimitIncrease } from './sql/lockLimitIncrease.ts'
import { lockLimits } from './sql/lockLimits.ts'

/** Cases in which accounts ask for more concurrent executions. */
export interface LimitIncreases {
  /** Opens a case. RESOURCE_CONFLICT where the account has one that is PENDING in this region. */
  request(scope: Scope, desiredValue: number, reason: string): Promise<LimitIncreaseRecord>
  /** Withdraws a case of the account. */
  cancel(accountId: string, caseId: string): Promise<LimitIncreaseRecord>
  /** Raises the limit, at once and on all nodes; by default to what was asked for. */
  approve(caseId: string, approvedValue: number | null, note: string): Promise<LimitIncreaseRecord>
  decline(caseId: string, note: string): Promise<LimitIncreaseRecord>
  /** Newest first; of an account, or, where it is null, of all. The key is the last id before the page. */
  list(
    accountId: string | null,
    status: LimitIncreaseStatus | null,
    page: PageRequest<string>,
  ): Promise<Page<LimitIncreaseRecord>>
}

export interface LimitIncreasesOptions {
  readonly prisma: PrismaClient
  readonly clock: Clock
  /** Told after each change of a limit. */
  readonly onLimitChanged: (scope: Scope) => Promise<void>
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export function createLimitIncreases({ prisma, clock, onLimitChanged }: LimitIncreasesOptions): LimitIncreases {
  /** Closes a case under its lock; `change` says what else happens, and what stands in its row. */
  async function close(
    caseId: string,
    accountId: string | null,
    event: LimitIncreaseEvent,
    change: (
      transaction: Prisma.TransactionClient,
      found: LimitIncreaseCase,
    ) => Promise<{ readonly approvedValue?: number; readonly note?: string }>,
  ): Promise<LimitIncreaseRecord> {
    const row = await prisma.$transaction(async (transaction) => {
      const isKnown =
        UUID.test(caseId) && (await transaction.$queryRawUnsafe<[]>(lockLimitIncrease.text, caseId)).length > 0
      const found = isKnown ? await transaction.limitIncreaseCase.findUnique({ where: { id: caseId } }) : null
      if (found === null || (accountId !== null && found.accountId !== accountId)) {
        throw new UserFault('RESOURCE_NOT_FOUND', `Limit increase case not found: ${caseId}`, ['input', 'caseId'])
      }
      const status = nextLimitIncreaseStatus(found.status, event)
      const data = { status, closedAt: new Date(clock.now()), ...(await change(transaction, found)) }
      return transaction.limitIncreaseCase.update({ where: { id: caseId }, data })
    })
    return recordOf(row)
  }

  return {
    async request({ accountId, region }, desiredValue, reason) {
      refuseMalformedRemark('reason', reason)
      const limits = await prisma.accountRegion.findUnique({ where: { accountId_region: { accountId, region } } })
      const valueBefore = limits?.concurrentExecutions ?? DEFAULT_LIMIT
      refuseUnfitLimit('desiredValue', desiredValue, valueBefore)
      const openedAt = new Date(clock.now())
      const data = { id: uuid(), accountId, region, desiredValue, reason, valueBefore, openedAt }
      try {
        return recordOf(await prisma.limitIncreaseCase.create({ data }))
      } catch (cause) {
        if (errorCode(cause) !== 'P2002') throw cause
        const message = `Account ${accountId} has a case that is PENDING in ${region}. Please wait for it, or cancel it with cancelLimitIncrease.`
        throw new UserFault('RESOURCE_CONFLICT', message, ['input'])
      }
    },

    cancel: (accountId, caseId) => close(caseId, accountId, 'CANCELLED', async () => ({})),

    async approve(caseId, approvedValue, note) {
      refuseMalformedRemark('note', note)
      const record = await close(caseId, null, 'APPROVED', async (transaction, { accountId, region, desiredValue }) => {
        const [limits] = await transaction.$queryRawUnsafe<{ concurrent_executions: number }[]>(
          lockLimits.text,
          accountId,
          region,
        )
        const value = approvedValue ?? desiredValue
        refuseUnfitLimit('approvedValue', value, limits!.concurrent_executions)
        await transaction.accountRegion.update({
          where: { accountId_region: { accountId, region } },
          data: { concurrentExecutions: value },
        })
        return { approvedValue: value, note }
      })
      await onLimitChanged(record.scope)
      return record
    },

    async decline(caseId, note) {
      refuseMalformedRemark('note', note)
      return close(caseId, null, 'DECLINED', async () => ({ note }))
    },

    async list(accountId, status, { first, after }) {
      const rows = await prisma.limitIncreaseCase.findMany({
        where: {
          ...(accountId === null ? {} : { accountId }),
          ...(status === null ? {} : { status }),
          ...(after === null ? {} : { id: { lt: after } }),
        },
        orderBy: { id: 'desc' },
        take: first + 1,
      })
      return { items: rows.slice(0, first).map(recordOf), hasNextPage: rows.length > first }
    },
  }
}

/** AWS's default, which the table has too. */
const DEFAULT_LIMIT = 1_000

function refuseMalformedRemark(field: string, text: string): void {
  if (text.trim().length > 0 && text.length <= LONGEST_REMARK && isStorableText(text)) return
  throw new UserFault('VALIDATION', `${field} has 1 to ${LONGEST_REMARK} characters of plain text.`, ['input', field])
}

function recordOf({ accountId, region, ...row }: LimitIncreaseCase): LimitIncreaseRecord {
  return { ...row, scope: { accountId, region } }
}
