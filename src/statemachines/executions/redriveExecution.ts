import type { Pool } from 'pg'
import { UserFault } from '../../errors.ts'
import { topics, WAKE_CHANNEL } from '../../events/topics.ts'
import type { Wakeups } from '../../events/wakeups.ts'
import type { Clock } from '../../model/clock.ts'
import type { ExecutionRecord } from './executionRecords.ts'

/**
 * Makes an execution run again that has ended badly, and leaves it the message that says so. Parameters: execution, now.
 *
 * Locks: the execution's row; of two who ask at once the second finds it running.
 */
const redrive = {
  name: 'redrive_execution',
  text: `
    WITH redriven AS (
      UPDATE execution
      SET status = 'RUNNING', stopped_at = NULL, error = NULL, cause = NULL, output = NULL,
          redrive_count = redrive_count + 1, redriven_at = $2, wake_at = $2
      WHERE id = $1 AND status IN ('FAILED', 'TIMED_OUT', 'ABORTED') AND machine_type = 'STANDARD'
        AND map_run_id IS NULL AND started_at > $2::timestamptz - interval '14 days'
      RETURNING id, redrive_count
    ), told AS (
      INSERT INTO execution_inbox (execution_id, body)
      SELECT id, json_build_object('kind', 'REDRIVEN', 'redriveCount', redrive_count)::text FROM redriven
    )
    SELECT redriven.id, pg_notify('${WAKE_CHANNEL}', pg_current_xact_id()::text || ' ${topics.executions}')
    FROM redriven`,
} as const

/**
 * Goes on with an execution from where it failed. Throws a UserFault where it cannot be.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html
 */
export async function redriveExecution(
  { database, wakeups, clock }: { database: Pool; wakeups: Wakeups; clock: Clock },
  execution: ExecutionRecord,
): Promise<Date> {
  const { id, executionArn, status, machineType } = execution
  const now = new Date(Math.floor(clock.now()))
  const { rowCount } = await database.query({ ...redrive, values: [id, now] })
  if (rowCount === 0) {
    const reason =
      machineType === 'EXPRESS'
        ? 'Express executions cannot be redriven'
        : status === 'RUNNING' || status === 'SUCCEEDED'
          ? `Execution is ${status} and cannot be redriven`
          : 'its redrivable period of 14 days is over, or it belongs to a Map Run'
    throw new UserFault('EXECUTION_NOT_REDRIVABLE', `The execution ${executionArn} can't be redriven: ${reason}.`)
  }
  wakeups.wake([topics.executions], 0n)
  return now
}
