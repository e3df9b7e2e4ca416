import { StateFault } from '../../data/fault.ts'
import type { Json } from '../../data/json.ts'
import type { WaitState } from '../../definition/types.ts'
import type { Draft } from '../draft.ts'
import { type Evaluation, evaluationOf, throughPath, unexpectedType } from '../evaluation.ts'
import type { Thread, Visit } from '../executionState.ts'
import { inspect } from '../inspection.ts'
import { leaveWithInput, nextOf } from '../leaveState.ts'

/** Wait: until a time, or for a time. What is over already is left at once. */
export async function enterWait(draft: Draft, thread: Thread, visit: Visit, state: WaitState): Promise<void> {
  const evaluation = evaluationOf(draft, thread, visit, state)
  const input = evaluation.isJsonata ? visit.input : throughPath(evaluation, state.InputPath, visit.input)
  if (!evaluation.isJsonata) inspect(draft, { afterInputPath: input })
  const dueAtMs = await dueAt(draft, evaluation, state, input)
  if (dueAtMs - draft.nowMs > LONGEST_WAIT_MS) throw new StateFault('States.Runtime', 'Wait state delay is too long.')
  if (dueAtMs > draft.nowMs) thread.phase = { kind: 'WAITING', visit, dueAtMs }
  else await endWait(draft, thread, visit, state)
}

export async function endWait(draft: Draft, thread: Thread, visit: Visit, state: WaitState): Promise<void> {
  const evaluation = evaluationOf(draft, thread, visit, state)
  const input = evaluation.isJsonata ? visit.input : throughPath(evaluation, state.InputPath, visit.input)
  await leaveWithInput(draft, thread, visit, state, evaluation, input, {
    assign: state.Assign as Json | undefined,
    output: state.Output as Json | undefined,
    next: nextOf(state),
  })
}

/** As many seconds as AWS counts: they are a 32-bit number there. */
const LONGEST_WAIT_MS = (2 ** 31 - 1) * 1000

async function dueAt(draft: Draft, evaluation: Evaluation, state: WaitState, input: Json): Promise<number> {
  const { Seconds: seconds, SecondsPath: secondsPath, Timestamp: timestamp, TimestampPath: timestampPath } = state
  if (secondsPath !== undefined) {
    const value = evaluation.path(secondsPath, input)
    return draft.nowMs + secondsOf(value, secondsPath) * 1000
  }
  if (timestampPath !== undefined) {
    const value = evaluation.path(timestampPath, input)
    const atMs = typeof value === 'string' ? timestampMs(value) : null
    if (atMs !== null) return atMs
    const shown = typeof value === 'string' ? value : JSON.stringify(value)
    throw new StateFault(
      'States.Runtime',
      `The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: ${timestampPath} == ${shown}`,
    )
  }
  if (timestamp !== undefined) return await timestampOf(evaluation, timestamp)
  const given = seconds ?? 0
  const value = typeof given === 'number' ? given : await evaluation.jsonata(given, 'Seconds')
  if (typeof value !== 'number') throw unexpectedType(String(given), 'Seconds', 'number', value)
  if (value < 0 || value > LARGEST_SECONDS) {
    throw new StateFault('States.QueryEvaluationError', OUT_OF_RANGE, { location: 'Seconds' })
  }
  return draft.nowMs + Math.round(value) * 1000
}

const LARGEST_SECONDS = 99_999_999
const OUT_OF_RANGE = `The Seconds field must be between 0 and ${LARGEST_SECONDS}`

function secondsOf(value: Json, path: string): number {
  const shown = `${path} == ${typeof value === 'string' ? value : JSON.stringify(value)}`
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw new StateFault('States.Runtime', `The SecondsPath parameter cannot be parsed as a long value: ${shown}`)
  }
  if (value < 0) {
    throw new StateFault('States.Runtime', `The SecondsPath parameter references a negative value: ${shown}`)
  }
  return value
}

async function timestampOf(evaluation: Evaluation, timestamp: string): Promise<number> {
  const value = evaluation.isJsonata ? await evaluation.jsonata(timestamp, 'Timestamp') : timestamp
  if (typeof value !== 'string') throw unexpectedType(timestamp, 'Timestamp', 'string', value)
  const atMs = timestampMs(value)
  if (atMs !== null) return atMs
  throw new StateFault(
    'States.QueryEvaluationError',
    `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${value}`,
    { location: 'Timestamp', isAfterEvaluation: true },
  )
}

const ISO_8601 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/

/** Milliseconds since the epoch of a time with an offset; null where it is none. */
function timestampMs(text: string): number | null {
  if (!ISO_8601.test(text)) return null
  const atMs = Date.parse(text)
  return Number.isNaN(atMs) ? null : atMs
}
