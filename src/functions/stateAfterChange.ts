import type { VersionRecord } from '../model/records.ts'
import type { RuntimeIdentifier } from '../model/runtime.ts'
import type { FunctionRoom } from './functionRoom.ts'
import type { PreparedState } from './runtimePreparation.ts'

/**
 * The state of `$LATEST` after a change that leaves it with `runtime`. `prepared` is what was found out about that
 * runtime before the change, or null. A change of the runtime, and any change of a FAILED function, begins anew;
 * otherwise the state stays.
 */
export function stateAfterChange(
  latest: VersionRecord,
  runtime: RuntimeIdentifier,
  prepared: PreparedState | null,
): PreparedState {
  if (runtime === latest.runtime && latest.state !== 'FAILED') {
    return { state: latest.state, stateReason: latest.stateReason }
  }
  return prepared ?? { state: 'PENDING', stateReason: 'The function is being prepared.' }
}

/** Sees to it that a version which is committed as PENDING does not stay so. */
export function finishWhatIsPending(room: FunctionRoom, version: VersionRecord): void {
  if (version.state === 'PENDING') room.preparation.finishSoon(version.runtime)
}
