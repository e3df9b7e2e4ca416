/**
 * The life of a delivery as a pure, total transition function: it is tried until its target has taken it, with growing
 * delay, for as long as an event may wait by default. A target that does not exist today may exist in an hour, so no
 * answer ends it early.
 */
export type DeliveryState =
  | { readonly kind: 'PENDING'; readonly tries: number; readonly dueAtMs: number }
  | { readonly kind: 'DELIVERED'; readonly tries: number }
  | { readonly kind: 'FAILED'; readonly tries: number }

/** What happens to a delivery. */
export type DeliveryEvent =
  /** Somebody takes it on, and has until its time limit for it. */
  | { readonly kind: 'CLAIMED'; readonly nowMs: number }
  | { readonly kind: 'TAKEN' }
  | { readonly kind: 'REFUSED'; readonly nowMs: number }

/** How long one try may take; then others take the delivery over. */
export const DELIVERY_LEASE_MS = 60_000
/** How long deliveries are tried. */
export const DELIVERY_AGE_MS = 6 * 3600 * 1000

const FIRST_DELAY_MS = 1_000
const LONGEST_DELAY_MS = 300_000

/** The state after an event. What is done stays done, whoever comes late. `createdAtMs` is when it came to be. */
export function nextDeliveryState(state: DeliveryState, event: DeliveryEvent, createdAtMs: number): DeliveryState {
  if (state.kind !== 'PENDING') return state
  const { tries } = state
  switch (event.kind) {
    case 'CLAIMED':
      return { kind: 'PENDING', tries: tries + 1, dueAtMs: event.nowMs + DELIVERY_LEASE_MS }
    case 'TAKEN':
      return { kind: 'DELIVERED', tries }
    case 'REFUSED': {
      const dueAtMs = event.nowMs + Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(tries - 1, 16))
      if (dueAtMs >= createdAtMs + DELIVERY_AGE_MS) return { kind: 'FAILED', tries }
      return { kind: 'PENDING', tries, dueAtMs }
    }
  }
}
