const COLUMNS = `execution.id, execution.account_id AS "accountId", execution.region,
  execution.state_machine_id AS "stateMachineId", execution.state_machine_name AS "stateMachineName",
  execution.machine_type AS "machineType", execution.version_number AS "versionNumber",
  execution.alias_name AS "aliasName", execution.name, execution.role_arn AS "roleArn", execution.input,
  execution.started_at AS "startedAt", execution.seed, execution.redrive_count AS "redriveCount",
  execution.last_event_id AS "lastEventId", execution.billed_transitions AS "billedTransitions", execution.sequence, execution.snapshot,
  execution.snapshot_sequence AS "snapshotSequence", execution.map_run_id AS "mapRunId",
  execution.item_index AS "itemIndex", execution.child,
  (SELECT definition FROM execution_definition definition WHERE definition.sha256 = execution.definition_sha256)
    AS definition`

/**
 * Takes executions that nobody has in memory and whose time has come. Parameters: node, now, how many.
 *
 * Locks: the rows, skipping those that another node is taking; each goes to one node. The index execution_next_wake
 * holds only those that rest, so that what runs and what is over costs nothing here.
 */
export const claimDueExecutions = {
  name: 'claim_due_executions',
  text: `
    UPDATE execution SET node_id = $1, wake_at = NULL
    WHERE id IN (
      SELECT id FROM execution
      WHERE node_id IS NULL AND wake_at IS NOT NULL AND wake_at <= $2
      ORDER BY wake_at
      LIMIT $3
      FOR UPDATE SKIP LOCKED
    )
    RETURNING ${COLUMNS}`,
} as const

/**
 * Takes over the executions of nodes that are gone: whose expiry has passed, or that are no longer known. Parameters:
 * node, how many. Locks: as above. A node that comes back finds that they are no longer its own by the fence of
 * moveExecutions.ts.
 */
export const claimAbandonedExecutions = {
  name: 'claim_abandoned_executions',
  text: `
    UPDATE execution SET node_id = $1
    WHERE id IN (
      SELECT execution.id FROM execution LEFT JOIN node ON node.id = execution.node_id
      WHERE execution.node_id IS NOT NULL AND execution.node_id <> $1
        AND (node.id IS NULL OR node.expires_at <= now())
      LIMIT $2
      FOR UPDATE OF execution SKIP LOCKED
    )
    RETURNING ${COLUMNS}`,
} as const

/** When the next execution that rests goes on. Takes no locks. */
export const selectNextWake = {
  name: 'select_next_wake',
  text: 'SELECT min(wake_at) AS "wakeAt" FROM execution WHERE node_id IS NULL AND wake_at IS NOT NULL',
} as const

/** An execution as it is claimed. */
export interface ClaimedExecution {
  readonly id: string
  readonly accountId: string
  readonly region: string
  readonly stateMachineId: string
  readonly stateMachineName: string
  readonly machineType: 'STANDARD' | 'EXPRESS'
  readonly versionNumber: number | null
  readonly aliasName: string | null
  readonly name: string
  readonly definition: string
  readonly roleArn: string
  readonly input: string
  readonly startedAt: Date
  readonly seed: number
  readonly redriveCount: number
  readonly lastEventId: number
  readonly billedTransitions: number
  readonly sequence: number
  readonly snapshot: string | null
  readonly snapshotSequence: number
  readonly mapRunId: string | null
  readonly itemIndex: number | null
  readonly child: string | null
}
