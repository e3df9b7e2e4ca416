import { rowsStatement } from '../../../db/unnest.ts'
import type { ActivityTaskRow, EndedTask, TaskTokenRow } from '../executionEntry.ts'

/** Makes tokens known. Locks nothing but their own rows: they are new. */
export const insertTaskTokens = rowsStatement<TaskTokenRow>(
  'insert_task_tokens',
  [
    { name: 'token', type: 'text', of: (row) => row.token },
    { name: 'account_id', type: 'bpchar', of: (row) => row.accountId },
    { name: 'execution_id', type: 'uuid', of: (row) => row.executionId },
    { name: 'task_id', type: 'int', of: (row) => row.taskId },
  ],
  (rows, names) => `INSERT INTO task_token (${names}) SELECT ${names} FROM ${rows}`,
)

/** Takes back the tokens of tasks that nobody waits for any more, fetched or not. Locks those rows only. */
export const deleteTaskTokens = rowsStatement<EndedTask>(
  'delete_task_tokens',
  [
    { name: 'execution_id', type: 'uuid', of: (row) => row.executionId },
    { name: 'task_id', type: 'int', of: (row) => row.taskId },
  ],
  (rows) => `
    WITH ended AS (
      DELETE FROM task_token token USING ${rows}
      WHERE token.execution_id = input.execution_id AND token.task_id = input.task_id
      RETURNING token.token
    )
    DELETE FROM activity_task task USING ended WHERE task.token = ended.token`,
)

/** Offers tasks to the workers of activities. One of an activity that is gone waits for its timeout. */
export const insertActivityTasks = rowsStatement<ActivityTaskRow>(
  'insert_activity_tasks',
  [
    { name: 'activity_arn', type: 'text', of: (row) => row.activityArn },
    { name: 'token', type: 'text', of: (row) => row.token },
    { name: 'input', type: 'text', of: (row) => row.input },
  ],
  (rows) => `
    INSERT INTO activity_task (activity_id, token, input)
    SELECT activity.id, input.token, input.input
    FROM ${rows}
    JOIN activity ON activity.account_id = split_part(input.activity_arn, ':', 5)
      AND activity.region = split_part(input.activity_arn, ':', 4)
      AND activity.name = split_part(input.activity_arn, ':', 7)
    ORDER BY ordinality`,
)
