import type { BudgetWatch } from '../billing/budgetWatch.ts'
import type { ThrottleFault } from '../errors.ts'
import type { Journal } from '../invocations/journal.ts'
import type { RefusedStart } from '../invocations/journalEntry.ts'
import type { Clock } from '../model/clock.ts'
import type { StartKind } from '../model/executionLimits.ts'
import type { Scope } from '../model/records.ts'
import type { StartRate } from './startRate.ts'

/** What stands before the start of an execution, and the record of what it refuses. */
export interface StartLimits {
  /** Counts a start. Throws a ThrottleFault where a budget that stops is spent, or starts come too fast. */
  admit(scope: Scope, kind: StartKind): void
  /** Resolves when the throttle event of a refused start is durable. */
  note(scope: Scope, refused: Omit<RefusedStart, 'kind'>, fault: ThrottleFault): Promise<void>
}

export interface StartLimitsOptions {
  readonly budgets: Pick<BudgetWatch, 'refuseSpent'>
  readonly rate: StartRate
  readonly journal: Pick<Journal, 'write'>
  readonly clock: Clock
}

export function createStartLimits({ budgets, rate, journal, clock }: StartLimitsOptions): StartLimits {
  return {
    admit(scope, kind) {
      budgets.refuseSpent(scope)
      rate.take(scope, kind)
    },
    async note(scope, { stateMachineId, stateMachineName, versionNumber, executionName }, { reason, limit }) {
      const refused = { kind: 'EXECUTION', stateMachineId, stateMachineName, versionNumber, executionName } as const
      await journal.write({ throttle: { scope, timestampMs: clock.now(), refused, reason, limit } })
    },
  }
}
