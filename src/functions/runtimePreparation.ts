import type { Pool } from 'pg'
import type { FunctionState } from '../model/records.ts'
import { RUNTIME_IDENTIFIERS, type RuntimeIdentifier } from '../model/runtime.ts'
import { finishPreparation } from './sql/finishPreparation.ts'
import { selectPendingRuntimes } from './sql/selectPendingRuntimes.ts'

/** Whether versions with a runtime can be invoked, and why not. */
export interface PreparedState {
  readonly state: FunctionState
  readonly stateReason: string | null
}

/** Makes runtimes ready and versions with them ACTIVE, or FAILED. */
export interface RuntimePreparation {
  /**
   * The state of a version that is about to be written with this runtime: ACTIVE or FAILED where that is known within
   * a moment, else PENDING. Never throws.
   */
  stateNow(runtime: RuntimeIdentifier): Promise<PreparedState>
  /**
   * Waits for the runtime and ends the PENDING state of every version with it that was committed before the call.
   * Throws only when the database cannot be reached.
   */
  finish(runtime: RuntimeIdentifier): Promise<void>
  /** The same, without waiting: whatever fails is reported. */
  finishSoon(runtime: RuntimeIdentifier): void
  /** Takes up what was PENDING when the service stopped. Resolves when it is begun, not when it has ended. */
  resume(): Promise<void>
}

/** What preparing needs. */
export interface RuntimePreparationOptions {
  readonly pool: Pool
  /** Fetches a runtime unless it is there; rejects with an Error whose message says why it cannot be had. */
  readonly ensureRuntime: (runtime: RuntimeIdentifier) => Promise<void>
  /** Told of faults of the platform that nobody waits for. */
  readonly reportFault: (fault: unknown) => void
}

const ACTIVE: PreparedState = { state: 'ACTIVE', stateReason: null }
const PENDING: PreparedState = { state: 'PENDING', stateReason: 'The function is being created.' }

// Looking for a runtime that is there takes milliseconds, fetching one takes seconds: in between lies whom to wait for.
const MOMENT_MS = 250

/** Prepares each runtime once at a time, however many versions wait for it. */
export function createRuntimePreparation(options: RuntimePreparationOptions): RuntimePreparation {
  const { pool, ensureRuntime, reportFault } = options
  const ensuring = new Map<RuntimeIdentifier, Promise<PreparedState>>()

  function ensure(runtime: RuntimeIdentifier): Promise<PreparedState> {
    const present = ensuring.get(runtime)
    if (present !== undefined) return present
    const outcome = Promise.resolve()
      .then(() => ensureRuntime(runtime))
      .then(
        () => ACTIVE,
        (cause: unknown) => failed(runtime, cause),
      )
      .finally(() => ensuring.delete(runtime))
    ensuring.set(runtime, outcome)
    return outcome
  }

  async function finish(runtime: RuntimeIdentifier): Promise<void> {
    const { state, stateReason } = await ensure(runtime)
    await pool.query({ ...finishPreparation, values: [runtime, state, stateReason] })
  }

  function finishSoon(runtime: RuntimeIdentifier): void {
    finish(runtime).catch(reportFault)
  }

  return {
    async stateNow(runtime) {
      let timer: NodeJS.Timeout | undefined
      const moment = new Promise<PreparedState>((resolve) => {
        timer = setTimeout(resolve, MOMENT_MS, PENDING)
      })
      try {
        return await Promise.race([ensure(runtime), moment])
      } finally {
        clearTimeout(timer)
      }
    },
    finish,
    finishSoon,
    async resume() {
      const { rows } = await pool.query<{ runtime: string }>(selectPendingRuntimes)
      const pending = new Set(rows.map(({ runtime }) => runtime))
      for (const runtime of RUNTIME_IDENTIFIERS) if (pending.has(runtime)) finishSoon(runtime)
    },
  }
}

function failed(runtime: RuntimeIdentifier, cause: unknown): PreparedState {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const advice = 'Update the code or the configuration of the function to try again.'
  // Two sentences, whichever way the cause ends.
  return {
    state: 'FAILED',
    stateReason: `The runtime ${runtime} cannot be used: ${reason.replace(/\.?$/, '.')} ${advice}`,
  }
}
