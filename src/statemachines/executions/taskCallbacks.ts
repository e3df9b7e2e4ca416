import type { Pool } from 'pg'
import { UserFault } from '../../errors.ts'
import { notifyCall, topics } from '../../events/topics.ts'
import type { Wakeups } from '../../events/wakeups.ts'
import type { Clock } from '../../model/clock.ts'
import type { Scope } from '../../model/records.ts'
import { DEEPEST_NESTING, isTooDeep } from '../data/nesting.ts'
import type { Stimulus } from '../engine/stimulus.ts'
import { openObject } from './openObject.ts'

/** What whoever has a task's token says. */
export interface TaskCallbacks {
  /** `output` is JSON text. */
  succeed(scope: Scope, token: string, output: string): Promise<void>
  fail(scope: Scope, token: string, error: string | null, cause: string | null): Promise<void>
  heartbeat(scope: Scope, token: string): Promise<void>
}

const tell = (take: string) => `
  WITH task AS (
    ${take}
  ), going AS (
    SELECT execution.id, execution.node_id, task.task_id
    FROM execution JOIN task ON task.execution_id = execution.id
    WHERE execution.status = 'RUNNING'
    FOR UPDATE OF execution
  ), told AS (
    INSERT INTO execution_inbox (execution_id, body)
    SELECT id, $3 || ',"taskId":' || task_id || '}' FROM going
  ), woken AS (
    UPDATE execution SET wake_at = $4 FROM going WHERE execution.id = going.id AND going.node_id IS NULL
  )
  SELECT going.id, ${notifyCall(`'${topics.executions}'`)} FROM going`

/**
 * Ends the task of a token: the token goes and the message comes in one statement, so that of two who answer one is
 * heard. Parameters: token, account, open JSON object of
 * the stimulus, now. Locks: the token, then its execution, as all who write both do.
 */
const endTask = {
  name: 'end_task_of_token',
  text: tell('DELETE FROM task_token WHERE token = $1 AND account_id = $2 RETURNING execution_id, task_id'),
} as const

/** The same, and the token stays. */
const tellTask = {
  name: 'tell_task_of_token',
  text: tell('SELECT execution_id, task_id FROM task_token WHERE token = $1 AND account_id = $2 FOR UPDATE'),
} as const

const LARGEST_OUTPUT_BYTES = 262_144

/** https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-wait-token */
export function createTaskCallbacks(database: Pool, wakeups: Wakeups, clock: Clock): TaskCallbacks {
  async function send(
    statement: typeof endTask | typeof tellTask,
    { accountId }: Scope,
    token: string,
    stimulus: object,
  ): Promise<void> {
    if (token.length < 1 || token.length > 2_048)
      throw new UserFault('INVALID_TOKEN', `Invalid Token: '${token.slice(0, 80)}'`)
    const values = [token, accountId, openObject(stimulus), new Date(clock.now())]
    const { rowCount } = await database.query({ ...statement, values })
    if (rowCount === 0) {
      const message = looksLikeToken(token)
        ? "Task Timed Out: 'Provided task does not exist anymore'"
        : "Invalid Token: 'Invalid token'"
      throw new UserFault(looksLikeToken(token) ? 'TASK_TIMED_OUT' : 'INVALID_TOKEN', message, ['input', 'taskToken'])
    }
    wakeups.wake([topics.executions], 0n)
  }

  return {
    async succeed(scope, token, output) {
      const stimulus = { kind: 'TASK_SUCCEEDED', output: parseOutput(output) }
      await send(endTask, scope, token, stimulus)
    },
    async fail(scope, token, error, cause) {
      const failure = { kind: 'FAILED', error, cause } as const
      await send(endTask, scope, token, { kind: 'TASK_FAILED', failure } satisfies Omit<
        Extract<Stimulus, { kind: 'TASK_FAILED' }>,
        'taskId'
      >)
    },
    heartbeat: (scope, token) => send(tellTask, scope, token, { kind: 'TASK_HEARTBEAT' }),
  }
}

function parseOutput(text: string): unknown {
  const refuse = (reason: string) => {
    throw new UserFault('INVALID_OUTPUT', `Invalid Output: '${reason}'`, ['input', 'output'])
  }
  if (Buffer.byteLength(text) > LARGEST_OUTPUT_BYTES) refuse(`The output has more than ${LARGEST_OUTPUT_BYTES} bytes`)
  if (isTooDeep(text)) refuse(`The output is nested more than ${DEEPEST_NESTING} deep`)
  try {
    return JSON.parse(text)
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

/** Tokens name their execution. */
function looksLikeToken(token: string): boolean {
  return Buffer.from(token, 'base64url').toString().startsWith('arn:')
}
