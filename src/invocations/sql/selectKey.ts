/**
 * Whose an idempotency key is: the invocation as far as it is recorded, and whether the node that runs it still lives.
 * Takes no locks. Parameters: function id, key.
 */
export const selectKey = {
  name: 'select_key',
  text: `
    SELECT encode(taken.input_sha256, 'hex') AS "inputSha256", taken.invocation_id AS "invocationId",
           invocation.id IS NOT NULL AS "isRecorded", invocation.type, invocation.result,
           invocation.executed_version AS "executedVersion", invocation.function_error AS "functionError",
           EXISTS (SELECT FROM node WHERE node.id = taken.node_id AND node.expires_at > now()) AS "isRunning"
    FROM invocation_key taken
    LEFT JOIN invocation ON invocation.id = taken.invocation_id
    WHERE taken.function_id = $1 AND taken.key = $2`,
} as const

/** A row as it is returned. */
export interface KeyRow {
  readonly inputSha256: string
  readonly invocationId: string
  readonly isRecorded: boolean
  readonly type: 'EVENT' | 'REQUEST_RESPONSE' | null
  readonly result: string | null
  readonly executedVersion: number | null
  readonly functionError: 'Unhandled' | null
  readonly isRunning: boolean
}
