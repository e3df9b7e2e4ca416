/**
 * Where a runtime stands towards the Runtime API. The names in messages are those of AWS's own state machine, which its
 * open runtime interface emulator shows.
 */
export type RuntimeApiState =
  /** It loads the function's code. */
  | { readonly kind: 'STARTED' }
  /** It said that it could not load the code. */
  | { readonly kind: 'INIT_FAILED' }
  /** It waits for an event, or may. */
  | { readonly kind: 'READY' }
  /** It handles an event. */
  | { readonly kind: 'RUNNING'; readonly requestId: string }
  /** Its answer to the event is being read. */
  | { readonly kind: 'RESPONDING'; readonly requestId: string }
  /** It has answered and not asked for the next event yet. */
  | { readonly kind: 'RESPONDED' }

/** What happens to it: the runtime's requests, and the service's event. */
export type RuntimeApiStep =
  | { readonly kind: 'NEXT' }
  | { readonly kind: 'DISPATCH'; readonly requestId: string }
  | { readonly kind: 'RESPONSE'; readonly requestId: string }
  | { readonly kind: 'ERROR'; readonly requestId: string }
  | { readonly kind: 'ANSWERED' }
  | { readonly kind: 'INIT_ERROR' }

/** The state after a step, or why there is none: `NOT_ALLOWED` is answered with 403, `WRONG_REQUEST` with 400. */
export type RuntimeApiTransition =
  | { readonly kind: 'MOVED'; readonly state: RuntimeApiState }
  | { readonly kind: 'NOT_ALLOWED' }
  | { readonly kind: 'WRONG_REQUEST' }

/** The state of a runtime that was just started. */
export const STARTED: RuntimeApiState = { kind: 'STARTED' }

/** Total: every step in every state has an answer. */
export function runtimeApiTransition(state: RuntimeApiState, step: RuntimeApiStep): RuntimeApiTransition {
  switch (step.kind) {
    case 'NEXT':
      // Whose connection broke asks again: a runtime that waits may wait anew.
      return state.kind === 'STARTED' || state.kind === 'READY' || state.kind === 'RESPONDED'
        ? moved({ kind: 'READY' })
        : NOT_ALLOWED
    case 'DISPATCH':
      return state.kind === 'READY' ? moved({ kind: 'RUNNING', requestId: step.requestId }) : NOT_ALLOWED
    case 'RESPONSE':
    case 'ERROR':
      if (state.kind !== 'RUNNING') return NOT_ALLOWED
      if (state.requestId !== step.requestId) return { kind: 'WRONG_REQUEST' }
      return moved({ kind: 'RESPONDING', requestId: state.requestId })
    case 'ANSWERED':
      return state.kind === 'RESPONDING' ? moved({ kind: 'RESPONDED' }) : NOT_ALLOWED
    case 'INIT_ERROR':
      return state.kind === 'STARTED' ? moved({ kind: 'INIT_FAILED' }) : NOT_ALLOWED
  }
}

const NOT_ALLOWED: RuntimeApiTransition = { kind: 'NOT_ALLOWED' }

function moved(state: RuntimeApiState): RuntimeApiTransition {
  return { kind: 'MOVED', state }
}

/** AWS's words for a request that does not fit the state. */
export function refusedTransitionText(
  state: RuntimeApiState,
  step: 'NEXT' | 'RESPONSE' | 'ERROR' | 'INIT_ERROR',
): string {
  return `State transition from ${STATE_NAMES[state.kind]} to ${STEP_NAMES[step]} failed for runtime. Error: State transition is not allowed`
}

const STATE_NAMES: Readonly<Record<RuntimeApiState['kind'], string>> = {
  STARTED: 'Started',
  INIT_FAILED: 'InitError',
  READY: 'Ready',
  RUNNING: 'Running',
  RESPONDING: 'InvocationResponse',
  RESPONDED: 'RuntimeResponseSentState',
}

const STEP_NAMES = {
  NEXT: 'Ready',
  RESPONSE: 'InvocationResponse',
  ERROR: 'InvocationErrorResponse',
  INIT_ERROR: 'InitError',
} as const
