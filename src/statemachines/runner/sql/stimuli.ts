import { isoTime, rowsStatement } from '../../../db/unnest.ts'
import type { StimulusRow } from '../executionEntry.ts'

/** Notes what has happened to executions. Behind the fence of moveExecutions.ts: nobody else writes these rows. */
export const insertStimuli = rowsStatement<StimulusRow>(
  'insert_execution_stimuli',
  [
    { name: 'execution_id', type: 'uuid', of: (row) => row.executionId },
    { name: 'sequence', type: 'int', of: (row) => row.sequence },
    { name: 'at', type: 'timestamptz', of: (row) => isoTime(row.atMs) },
    { name: 'body', type: 'text', of: (row) => row.body },
  ],
  (rows, names) => `INSERT INTO execution_stimulus (${names}) SELECT ${names} FROM ${rows} ORDER BY ordinality`,
)

/** Forgets what a snapshot holds. Behind the same fence. */
export const deleteStimuli = rowsStatement<{ readonly executionId: string }>(
  'delete_execution_stimuli',
  [{ name: 'execution_id', type: 'uuid', of: (row) => row.executionId }],
  (rows) => `DELETE FROM execution_stimulus stimulus USING ${rows} WHERE stimulus.execution_id = input.execution_id`,
)

/** What has happened to an execution since its snapshot. Takes no locks. Parameters: execution, sequence of the snapshot. */
export const selectStimuli = {
  name: 'select_execution_stimuli',
  text: `
    SELECT sequence, at, body FROM execution_stimulus
    WHERE execution_id = $1 AND sequence > $2 ORDER BY sequence`,
} as const
