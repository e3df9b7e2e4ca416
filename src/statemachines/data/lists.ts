/** What the list functions of both query languages do. Their limits are AWS's. */
export const RANGE_AT_MOST = 1_000

/** A list in pieces of so many items each, the last of what is left. */
export function partition<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
}

/** From the first to the last number, both included, in steps; `null` where there would be more than a thousand. */
export function range(first: number, last: number, step: number): number[] | null {
  const count = Math.max(0, Math.floor((last - first) / step) + 1)
  return count > RANGE_AT_MOST ? null : Array.from({ length: count }, (_, index) => first + index * step)
}
