/** A day in milliseconds. Days are days of UTC. */
export const DAY_MS = 86_400_000

/** What the partitions of a table are ranges of: UUIDv7 ids, whose first 48 bits are a time, or times. */
export type PartitionKey = 'UUID' | 'TIME'

/** The beginning of the day that a time lies in; both in milliseconds since the epoch. */
export function startOfDay(atMs: number): number {
  return Math.floor(atMs / DAY_MS) * DAY_MS
}

/** The name of a day's partition, `invocation_20261123`. */
export function partitionName(table: string, dayMs: number): string {
  return `${table}_${new Date(dayMs).toISOString().slice(0, 10).replaceAll('-', '')}`
}

/** The day of a partition of the table by its name, in milliseconds since the epoch; null for any other name. */
export function dayOfPartition(table: string, name: string): number | null {
  const match = /^(\d{4})(\d{2})(\d{2})$/.exec(name.slice(table.length + 1))
  if (match === null || !name.startsWith(`${table}_`)) return null
  return Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3]))
}

/** The first key of a time: every key of that time or later is at or above it, every earlier one below. */
export function firstKey(key: PartitionKey, atMs: number): string {
  if (key === 'TIME') return new Date(atMs).toISOString()
  const time = Math.max(0, atMs).toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`
}

/** The time of a UUIDv7, in milliseconds since the epoch. */
export function timeOfUuid(id: string): number {
  return Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)
}

/**
 * The first day that is kept: days before it lie wholly behind the retention. Never later than the day of the oldest
 * invocation that is unfinished, whatever its age.
 */
export function firstKeptDay(nowMs: number, retentionMs: number, oldestUnfinishedMs: number | null): number {
  return startOfDay(Math.min(nowMs - retentionMs, oldestUnfinishedMs ?? Number.POSITIVE_INFINITY))
}
