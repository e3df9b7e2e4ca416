import type { Pool } from 'pg'
import { UserFault } from '../../errors.ts'
import { notifyCall, topics } from '../../events/topics.ts'
import type { Wakeups } from '../../events/wakeups.ts'
import type { Clock } from '../../model/clock.ts'
import { openLimitFault } from '../runner/openExecutions.ts'
import type { StartLimits } from '../startLimits.ts'
import type { ExecutionRecord } from './executionRecords.ts'

/**
 * Makes an execution run again that has ended badly, where one more may be open, and leaves it the message that says so.
 * Answers how many were open, and its id where it runs. Parameters: execution, now, account, region, how many may be open.
 *
 * Locks: the number of open executions, then the execution's row, as the journal does; of two who ask at once the second
 * finds it running.
 */
const redrive = {
  name: 'redrive_execution',
  text: `
    WITH open AS (
      SELECT count FROM open_executions WHERE account_id = $3 AND region = $4 FOR UPDATE
    ), redriven AS (
      UPDATE execution
      SET status = 'RUNNING', stopped_at = NULL, error = NULL, cause = NULL, output = NULL,
          redrive_count = redrive_count + 1, redriven_at = $2, wake_at = $2
      FROM open
      WHERE open.count < $5 AND id = $1 AND status IN ('FAILED', 'TIMED_OUT', 'ABORTED') AND machine_type = 'STANDARD'
        AND map_run_id IS NULL AND started_at > $2::timestamptz - interval '14 days'
      RETURNING id, redrive_count
    ), counted AS (
      UPDATE open_executions SET count = open_executions.count + 1
      FROM redriven WHERE account_id = $3 AND region = $4
    ), told AS (
      INSERT INTO execution_inbox (execution_id, body)
      SELECT id, json_build_object('kind', 'REDRIVEN', 'redriveCount', redrive_count)::text FROM redriven
    )
    SELECT open.count::float8 AS open, redriven.id,
           CASE WHEN redriven.id IS NOT NULL
             THEN ${notifyCall(`'${topics.executions}'`)} END
    FROM open LEFT JOIN redriven ON true`,
} as const

export interface RedriveOptions {
  readonly database: Pool
  readonly wakeups: Wakeups
  readonly clock: Clock
  readonly limits: Pick<StartLimits, 'note'>
  readonly openExecutionLimit: number
}

/**
 * Goes on with an execution from where it failed. Throws a UserFault where it cannot be, and where as many executions are
 * open as may be a ThrottleFault, whose event is durable then.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html
 */
export async function redriveExecution(options: RedriveOptions, execution: ExecutionRecord): Promise<Date> {
  const { database, wakeups, clock, limits, openExecutionLimit } = options
  const { id, executionArn, status, machineType, scope } = execution
  const now = new Date(Math.floor(clock.now()))
  const values = [id, now, scope.accountId, scope.region, openExecutionLimit]
  const { rows } = await database.query<{ open: number; id: string | null }>({ ...redrive, values })
  if ((rows[0]?.id ?? null) === null) {
    const reason = refusalOf(status, machineType)
    if (reason === null && rows[0] !== undefined && rows[0].open >= openExecutionLimit) {
      const fault = openLimitFault(openExecutionLimit)
      await limits.note(scope, { ...execution, executionName: execution.name }, fault)
      throw fault
    }
    throw new UserFault(
      'EXECUTION_NOT_REDRIVABLE',
      `The execution ${executionArn} can't be redriven: ${reason ?? TOO_LATE}.`,
    )
  }
  wakeups.wake([topics.executions], 0n)
  return now
}

const TOO_LATE = 'its redrivable period of 14 days is over, or it belongs to a Map Run'

/** Why an execution in this status cannot be redriven; null where its status does not stand in the way. */
function refusalOf(status: ExecutionRecord['status'], machineType: ExecutionRecord['machineType']): string | null {
  if (machineType === 'EXPRESS') return 'Express executions cannot be redriven'
  return status === 'RUNNING' || status === 'SUCCEEDED' ? `Execution is ${status} and cannot be redriven` : null
}
