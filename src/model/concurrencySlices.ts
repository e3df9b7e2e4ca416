/**
 * How the nodes of an installation share a pool of concurrency: each holds a slice and grants within it without asking.
 * The sum of the slices never exceeds the pool, so that neither does the sum of what runs.
 */

/** A pool as one node sees it, under the lock that all exchanges of slices take. */
export interface PoolView {
  /** Concurrent executions that the pool allows in all. */
  readonly capacity: number
  /** Sum of the slices of the other nodes that live. */
  readonly heldByOthers: number
  /** What the other nodes would need beyond their slices. */
  readonly wantedByOthers: number
  /** Nodes that live, this one among them. */
  readonly liveNodes: number
}

/** This node's part in it. */
export interface OwnSlice {
  readonly held: number
  /** Executions that run. They are never taken away, also where the pool has become smaller than they are. */
  readonly used: number
  /** How many callers wait for a lease. */
  readonly wanted: number
}

/**
 * The slice that this node may grant within from now on. It shrinks with the pool at once, grows when callers wait, and
 * is shared, half of what lies unused at a time, with nodes whose callers wait. A node alone takes all there is, so that
 * it asks once.
 */
export function nextSlice(view: PoolView, own: OwnSlice): number {
  const most = Math.max(0, view.capacity - view.heldByOthers)
  const kept = Math.min(own.held, most)
  const missing = own.used + own.wanted - kept
  if (own.wanted > 0 && missing > 0) {
    const free = most - kept
    const share = view.liveNodes <= 1 ? free : Math.floor(free / (2 * view.liveNodes))
    return kept + Math.min(free, Math.max(missing, share))
  }
  if (view.wantedByOthers > 0) return kept - Math.ceil(Math.max(0, kept - own.used) / 2)
  return kept
}

/** What is recorded for the node: what it may grant within, and never less than what runs there. */
export function recordedSlice(slice: number, used: number): number {
  return Math.max(slice, used)
}
