/** What an extension can subscribe to. */
export type ExtensionEventName = 'INVOKE' | 'SHUTDOWN'

/**
 * Where an extension stands towards the Extensions API. The names in messages and in the log are those of AWS's own state
 * machine, which its open runtime interface emulator shows.
 */
export type ExtensionState =
  /** Its process was started. */
  | { readonly kind: 'STARTED' }
  /** It has registered and prepares itself. */
  | { readonly kind: 'REGISTERED' }
  /** It waits for an event, or may. */
  | { readonly kind: 'READY' }
  /** It handles an event. */
  | { readonly kind: 'RUNNING' }
  /** It said that it could not begin. */
  | { readonly kind: 'INIT_ERROR'; readonly errorType: string }
  /** It said that it has to end. */
  | { readonly kind: 'EXIT_ERROR'; readonly errorType: string }
  /** Its process could not be started. */
  | { readonly kind: 'LAUNCH_ERROR'; readonly errorType: string }
  /** Its process has ended. */
  | { readonly kind: 'EXITED' }

/** What happens to it: its requests, the service's event, and its end. */
export type ExtensionStep =
  | { readonly kind: 'REGISTER' }
  | { readonly kind: 'NEXT' }
  | { readonly kind: 'DELIVER' }
  | { readonly kind: 'INIT_ERROR' | 'EXIT_ERROR' | 'LAUNCH_ERROR'; readonly errorType: string }
  | { readonly kind: 'EXIT' }

/** The state after a step; null where the step is not allowed, which is answered with 403. Total. */
export function extensionTransition(state: ExtensionState, step: ExtensionStep): ExtensionState | null {
  switch (step.kind) {
    case 'REGISTER':
      return state.kind === 'STARTED' ? { kind: 'REGISTERED' } : null
    case 'NEXT':
      // Whose connection broke asks again: one that waits may wait anew.
      return ['REGISTERED', 'READY', 'RUNNING'].includes(state.kind) ? { kind: 'READY' } : null
    case 'DELIVER':
      return state.kind === 'READY' ? { kind: 'RUNNING' } : null
    case 'INIT_ERROR':
      // Of several reports the first one counts.
      if (state.kind === 'INIT_ERROR') return state
      return state.kind === 'REGISTERED' ? { kind: 'INIT_ERROR', errorType: step.errorType } : null
    case 'EXIT_ERROR':
      if (state.kind === 'EXIT_ERROR') return state
      return ['REGISTERED', 'READY', 'RUNNING'].includes(state.kind)
        ? { kind: 'EXIT_ERROR', errorType: step.errorType }
        : null
    case 'LAUNCH_ERROR':
      return state.kind === 'STARTED' ? { kind: 'LAUNCH_ERROR', errorType: step.errorType } : null
    case 'EXIT':
      // What it said before it ended tells more than that it did.
      return state.kind === 'INIT_ERROR' || state.kind === 'EXIT_ERROR' || state.kind === 'LAUNCH_ERROR'
        ? state
        : { kind: 'EXITED' }
  }
}

/** AWS's words for a request that does not fit the state. */
export function refusedExtensionText(
  state: ExtensionState,
  step: 'REGISTER' | 'NEXT' | 'INIT_ERROR' | 'EXIT_ERROR',
  who: string,
): string {
  return `State transition from ${STATE_NAMES[state.kind]} to ${STEP_NAMES[step]} failed for extension ${who}. Error: State transition is not allowed`
}

/** The line about an extension in the log of an environment's start. */
export function extensionLine(name: string, state: ExtensionState, events: readonly ExtensionEventName[]): string {
  const error = 'errorType' in state ? `\tError Type: ${state.errorType}` : ''
  return `EXTENSION\tName: ${name}\tState: ${extensionStateName(state)}\tEvents: [${events.join(',')}]${error}`
}

/** The name of a state in the log and in telemetry. */
export function extensionStateName({ kind }: ExtensionState): string {
  return STATE_NAMES[kind]
}

const STATE_NAMES: Readonly<Record<ExtensionState['kind'], string>> = {
  STARTED: 'Started',
  REGISTERED: 'Registered',
  READY: 'Ready',
  RUNNING: 'Running',
  INIT_ERROR: 'InitError',
  EXIT_ERROR: 'ExitError',
  LAUNCH_ERROR: 'LaunchError',
  EXITED: 'Exited',
}

const STEP_NAMES = {
  REGISTER: 'Registered',
  NEXT: 'Ready',
  INIT_ERROR: 'InitError',
  EXIT_ERROR: 'ExitError',
} as const
