import { isoTime, rowsStatement } from '../../../db/unnest.ts'
import type { NewExecution } from '../executionEntry.ts'

/**
 * Begins executions and answers the ids of those whose names were free. Locks: of two that begin under the same name of
 * the same state machine the second waits for the first's commit, and then begins nothing.
 */
export const insertExecutions = rowsStatement<NewExecution, { id: string }>(
  'insert_executions',
  [
    { name: 'id', type: 'uuid', of: (row) => row.id },
    { name: 'account_id', type: 'bpchar', of: (row) => row.scope.accountId },
    { name: 'region', type: 'text', of: (row) => row.scope.region },
    { name: 'state_machine_id', type: 'uuid', of: (row) => row.stateMachineId },
    { name: 'state_machine_name', type: 'text', of: (row) => row.stateMachineName },
    { name: 'machine_type', type: 'text', of: (row) => row.machineType },
    { name: 'version_number', type: 'int', of: (row) => row.versionNumber },
    { name: 'alias_name', type: 'text', of: (row) => row.aliasName },
    { name: 'name', type: 'text', of: (row) => row.name },
    { name: 'definition_sha256', type: 'bytea', of: (row) => `\\x${row.definitionSha256.toString('hex')}` },
    { name: 'role_arn', type: 'text', of: (row) => row.roleArn },
    { name: 'status', type: 'text', of: () => 'RUNNING' },
    { name: 'input', type: 'text', of: (row) => row.input },
    { name: 'started_at', type: 'timestamptz', of: (row) => isoTime(row.startedAtMs) },
    { name: 'seed', type: 'int', of: (row) => row.seed },
    { name: 'last_event_id', type: 'int', of: () => 0 },
    { name: 'transitions', type: 'int', of: () => 0 },
    { name: 'sequence', type: 'int', of: () => 0 },
    { name: 'node_id', type: 'uuid', of: (row) => row.nodeId },
    { name: 'map_run_id', type: 'uuid', of: (row) => row.mapRunId },
    { name: 'item_index', type: 'int', of: (row) => row.itemIndex },
    { name: 'child', type: 'text', of: (row) => row.child },
  ],
  (rows, names) => `
    INSERT INTO execution (${names}) SELECT ${names} FROM ${rows} ORDER BY state_machine_id, name
    ON CONFLICT DO NOTHING
    RETURNING id`,
)
