import { setImmediate as nextTurn } from 'node:timers/promises'

/** How long evaluations may keep everybody else of the process waiting. */
const TURN_MS = 10

let activeCount = 0
let turnBeganMs = 0

/**
 * Called for each part of an expression, which waits for what it answers: after ten milliseconds everybody else has a turn.
 * Without that an expression would hold the process for as long as it may take.
 */
export function giveTurn(): Promise<void> | undefined {
  return performance.now() - turnBeganMs < TURN_MS ? undefined : giveWay()
}

/** Runs an evaluation that gives turns. */
export async function inTurns<Result>(evaluate: () => Promise<Result>): Promise<Result> {
  if (activeCount === 0) turnBeganMs = performance.now()
  activeCount += 1
  try {
    return await evaluate()
  } finally {
    activeCount -= 1
  }
}

async function giveWay(): Promise<void> {
  await nextTurn()
  turnBeganMs = performance.now()
}
