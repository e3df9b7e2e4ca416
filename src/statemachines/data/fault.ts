/** More about a fault than its two words. */
export interface StateFaultDetails {
  /** Where in the state the failing expression stands, such as `Output/total`: JSONata's EvaluationFailed event has it. */
  readonly location?: string
  /**
   * The cause stands alone in AWS's recordings. All others follow "An error occurred while executing the state 'X'
   * (entered at the event id #N). ", which only the engine can say.
   */
  readonly hasWholeCause?: boolean
  /** The expression gave a value that then could not be used; AWS's history tells the two apart. */
  readonly isAfterEvaluation?: boolean
}

/**
 * An error of the States Language: `error` is its name (`States.Runtime`), `cause` AWS's text, without the prefix that
 * names the state (see `hasWholeCause`).
 *
 * Paths, intrinsic functions and choice rules that fail are all `States.Runtime`, as recorded on AWS, though its
 * documentation lists `States.ParameterPathFailure` and `States.IntrinsicFailure`.
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
export class StateFault extends Error {
  readonly error: string
  override readonly cause: string
  readonly details: StateFaultDetails

  constructor(error: string, cause: string, details: StateFaultDetails = {}) {
    super(`${error}: ${cause}`)
    this.name = 'StateFault'
    this.error = error
    this.cause = cause
    this.details = details
  }
}

/** A fault that no Retry and no Catch of `States.ALL` sees. */
export function runtimeFault(cause: string): StateFault {
  return new StateFault('States.Runtime', cause)
}
