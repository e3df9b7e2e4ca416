/**
 * Waits for all promises, whatever becomes of each, then answers as Promise.all does with the values, or throws the
 * error of the first one *in the list* that failed. For statements that were sent down one connection without waiting:
 * the first of them that failed is the cause, the others only say that the transaction is aborted.
 */
export async function settleAll<const T extends readonly Promise<unknown>[]>(
  promises: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const settled = await Promise.allSettled(promises)
  const values = settled.map((result) => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  })
  return values as { -readonly [K in keyof T]: Awaited<T[K]> }
}
