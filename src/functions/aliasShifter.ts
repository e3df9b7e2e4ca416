import type { Pool } from 'pg'
import type { PrismaClient } from '../db/prismaClient.ts'
import { topics } from '../events/topics.ts'
import type { Wakeups } from '../events/wakeups.ts'
import { decideShift, type ShiftMeasurement, type ShiftStep } from '../model/aliasShift.ts'
import type { Clock } from '../model/clock.ts'
import type { Scope } from '../model/records.ts'
import { endShift, LOOK_MS, pointAlias, tellShift } from './aliasShifts.ts'
import { withLockedFunction } from './lockedFunction.ts'
import { claimShifts, selectNextShift } from './sql/claimShifts.ts'
import { measureVersion } from './sql/measureVersion.ts'

/** Moves shifts of aliases on, or takes them back, on whichever node comes first. */
export interface AliasShifter {
  start(): void
  /** Resolves when nothing runs any more. */
  stop(): Promise<void>
}

export interface AliasShifterOptions {
  readonly prisma: PrismaClient
  readonly database: Pool
  readonly wakeups: Wakeups
  readonly clock: Clock
  readonly onError: (error: unknown) => void
}

interface DueShift extends Scope {
  readonly id: string
  readonly functionName: string
  readonly functionId: string
  readonly aliasName: string
  readonly toVersion: number
  readonly firstInvocationId: string
}

const SHIFTS_AT_ONCE = 20
/** Wake-ups are not lost as a rule; this is for the exception. */
const LONGEST_IDLE_MS = 10_000

export function createAliasShifter(options: AliasShifterOptions): AliasShifter {
  const { prisma, database, wakeups, clock, onError } = options
  let subscription: Disposable | null = null
  let alarm: Disposable | null = null
  let running: Promise<void> | null = null
  let mustLookAgain = false
  let isStopped = false

  function look(): void {
    mustLookAgain = true
    running ??= lookUntilSettled().finally(() => {
      running = null
    })
  }

  async function lookUntilSettled(): Promise<void> {
    while (mustLookAgain && !isStopped) {
      mustLookAgain = false
      let nextMs = clock.now() + LONGEST_IDLE_MS
      try {
        const nowMs = clock.now()
        const values = [new Date(nowMs), new Date(nowMs + LOOK_MS), SHIFTS_AT_ONCE]
        const { rows } = await database.query<DueShift>({ ...claimShifts, values })
        // One that cannot be moved on does not hold up the others; it is tried again at its next look.
        for (const shift of rows) await moveOn(shift).catch(onError)
        const next = await database.query<{ lookAt: Date | null }>(selectNextShift)
        nextMs = Math.min(nextMs, next.rows[0]?.lookAt?.getTime() ?? nextMs)
      } catch (error) {
        onError(error)
      }
      alarm?.[Symbol.dispose]()
      if (!isStopped) alarm = clock.schedule(nextMs, look)
    }
  }

  /**
   * Judges a shift behind its function's lock, so that nobody stops it or changes its alias meanwhile. What is measured is
   * read before: it takes longer, and what came in between is seen by the next look.
   */
  async function moveOn({ id, functionName, functionId, aliasName, toVersion, firstInvocationId, ...scope }: DueShift) {
    const values = [functionId, aliasName, toVersion, firstInvocationId]
    const { rows } = await database.query<ShiftMeasurement>({ ...measureVersion, values })
    const [measured] = rows
    await withLockedFunction(prisma, scope, functionName, async ({ transaction }) => {
      const shift = await transaction.aliasShift.findUnique({ where: { id } })
      if (shift?.status !== 'RUNNING') return
      const nowMs = clock.now()
      const steps = shift.steps as unknown as readonly ShiftStep[]
      const { step, maximumErrorRatePercent, maximumP99Ms, minimumInvocations } = shift
      const bounds = { maximumErrorRatePercent, maximumP99Ms, minimumInvocations }
      const stepEndsAtMs = shift.stepEndsAt.getTime()
      const decision = decideShift({ steps, step, stepEndsAtMs, bounds }, measured!, nowMs)
      switch (decision.kind) {
        case 'WAIT':
          return
        case 'COMPLETE':
          await endShift(transaction, shift, 'COMPLETED', null, nowMs)
          return
        case 'ROLL_BACK':
          await endShift(transaction, shift, 'ROLLED_BACK', decision.reason, nowMs)
          return
        case 'STEP': {
          const { fromVersion } = shift
          await pointAlias(transaction, functionId, aliasName, fromVersion, toVersion, decision.weightPercent)
          const data = { step: decision.step, stepEndsAt: new Date(decision.stepEndsAtMs) }
          await transaction.aliasShift.update({ where: { id }, data })
          await tellShift(transaction, shift, 'STEPPED', decision.weightPercent, null, nowMs)
        }
      }
    })
  }

  return {
    start() {
      subscription = wakeups.listen(topics.shifter, look)
      look()
    },
    async stop() {
      isStopped = true
      subscription?.[Symbol.dispose]()
      alarm?.[Symbol.dispose]()
      await running
    },
  }
}
