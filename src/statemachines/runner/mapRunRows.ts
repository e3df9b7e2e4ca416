import type { Pool } from 'pg'
import type { Json } from '../data/json.ts'
import type { MapRunCounts } from '../engine/mapRun.ts'
import type { ChildResult } from '../mapRun/writeResults.ts'
import { executionArn, stateMachineArn } from '../stateMachineArn.ts'
import type { ExecutionRow } from './executionFacts.ts'
import { type ResultRow, selectBegun, selectMapRunCounts, selectResults } from './sql/mapRuns.ts'

const RESULTS_AT_ONCE = 1_000

export async function mapRunCounts(database: Pool, mapRunId: string): Promise<MapRunCounts> {
  const { rows } = await database.query<MapRunCounts>({ ...selectMapRunCounts, values: [mapRunId] })
  return rows[0]!
}

/** Whether the child of an index has begun, as it was before this process took the Map Run up. */
export async function begunBefore(database: Pool, mapRunId: string): Promise<(index: number) => boolean> {
  const { rows } = await database.query<{ last: number; gaps: number[] }>({ ...selectBegun, values: [mapRunId] })
  const { last, gaps } = rows[0]!
  const missing = new Set(gaps)
  return (index) => index <= last && !missing.has(index)
}

/** The children that have ended, in the order of their items, read a page at a time. */
export async function* mapRunResults(
  database: Pool,
  execution: ExecutionRow,
  label: string,
  mapRunId: string,
): AsyncGenerator<ChildResult, void, void> {
  for (let after = -1; ; ) {
    const { rows } = await database.query<ResultRow>({ ...selectResults, values: [mapRunId, after, RESULTS_AT_ONCE] })
    for (const row of rows)
      yield { status: row.status, output: row.output, description: described(row, execution, label) }
    if (rows.length < RESULTS_AT_ONCE) return
    after = rows.at(-1)!.itemIndex
  }
}

/** As the result files of AWS tell it. */
function described(
  row: ResultRow,
  { scope, stateMachineName }: ExecutionRow,
  label: string,
): { [member: string]: Json } {
  const machine = `${stateMachineName}/${label}`
  const { status, name, input, output, error, cause } = row
  return {
    ...(cause === null ? {} : { Cause: cause }),
    ...(error === null ? {} : { Error: error }),
    ExecutionArn: executionArn(scope, row.machineType, machine, name, row.id),
    Input: input,
    InputDetails: { Included: true },
    Name: name,
    ...(output === null ? {} : { Output: output }),
    OutputDetails: { Included: output !== null },
    StartDate: row.startedAt.toISOString(),
    StateMachineArn: stateMachineArn(scope, machine),
    Status: status,
    StopDate: row.stoppedAt.toISOString(),
  }
}
