/** A batch is a message, and held once for each who is slow to take it. */
const LARGEST_BATCH_BYTES = 1024 * 1024

/** Divides events into batches of at most 1 MiB, or of one event that is larger; in their order. */
export function eventBatches<Event>(events: readonly Event[], sizeOf: (event: Event) => number): readonly Event[][] {
  const batches: Event[][] = []
  let leftBytes = 0
  for (const event of events) {
    const sizeBytes = sizeOf(event)
    if (batches.length === 0 || sizeBytes > leftBytes) {
      batches.push([])
      leftBytes = LARGEST_BATCH_BYTES
    }
    batches.at(-1)!.push(event)
    leftBytes -= sizeBytes
  }
  return batches
}
