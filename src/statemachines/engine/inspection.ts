import type { Json } from '../data/json.ts'
import type { StateError } from './historyEvent.ts'

/**
 * What a state's data was on its way through it, under the names of TestState. What a state has not, or has not come
 * to, is left out.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_InspectionData.html
 */
export interface Inspection {
  afterInputPath?: Json
  afterParameters?: Json
  afterArguments?: Json
  result?: Json
  afterResultSelector?: Json
  afterResultPath?: Json
  afterItemsPath?: Json
  afterItemSelector?: Json
  afterItemBatcher?: Json
  maxConcurrency?: number
  toleratedFailureCount?: number
  toleratedFailurePercentage?: number
  handledError?: HandledError
}

/** An error that the state met, and what its Retry and Catch made of it. */
export interface HandledError extends StateError {
  /** The retrier that is meant, whether or not it has an attempt left; null where none is. */
  readonly retryIndex: number | null
  /** How long it waits; null where it does not retry. */
  readonly retryDelayMs: number | null
  /** The catcher that took over; null where none did. */
  readonly catchIndex: number | null
}

/** Notes something for whoever inspects; executions are not inspected. */
export function inspect(draft: { readonly inspection?: Inspection }, found: Inspection): void {
  if (draft.inspection !== undefined) Object.assign(draft.inspection, found)
}
