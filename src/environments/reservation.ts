import type { ReservedEnvironment } from './contract.ts'
import type { ExecutionEnvironment } from './executionEnvironment.ts'

/** How an environment comes to who has waited for it. */
export interface ReservationTerms {
  readonly isColdStart: boolean
  /** Started ahead, so that nobody has waited for its initialisation. */
  readonly isProvisioned: boolean
  /** Called once, when it is given back. */
  readonly giveBack: () => void
}

/** What who has reserved an environment sees of it. */
export function reservation(
  environment: ExecutionEnvironment,
  { isColdStart, isProvisioned, giveBack }: ReservationTerms,
): ReservedEnvironment {
  let isGivenBack = false
  return {
    logStreamName: environment.logStreamName,
    isColdStart,
    isProvisioned,
    async invoke(request, onLog) {
      const result = await environment.invoke(request, onLog)
      return isProvisioned ? { ...result, initDurationUs: null } : result
    },
    async [Symbol.asyncDispose]() {
      if (isGivenBack) return
      isGivenBack = true
      giveBack()
    },
  }
}
