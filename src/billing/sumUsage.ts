import type { UsageCount } from './sql/countUsage.ts'

/** Names an account's counter of a month. */
export function counterKey(accountId: string, month: string): string {
  return `${accountId} ${month}`
}

/** What counts add up to: one of each account and month. */
export function sumUsage(counts: readonly UsageCount[]): UsageCount[] {
  const sums = new Map<string, UsageCount>()
  for (const count of counts) {
    const key = counterKey(count.accountId, count.month)
    const sum = sums.get(key)
    sums.set(key, sum === undefined ? count : added(sum, count))
  }
  return [...sums.values()]
}

function added(sum: UsageCount, count: UsageCount): UsageCount {
  return {
    ...sum,
    requests: sum.requests + count.requests,
    mebibyteMilliseconds: sum.mebibyteMilliseconds + count.mebibyteMilliseconds,
    transitions: sum.transitions + count.transitions,
  }
}
