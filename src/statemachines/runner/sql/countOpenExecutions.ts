import { rowsStatement } from '../../../db/unnest.ts'

/** By how many the open executions of an account in a region become more, or, below 0, fewer. */
export interface OpenChange {
  readonly accountId: string
  readonly region: string
  readonly change: number
}

/** How many are open after it. */
export interface OpenCount {
  readonly accountId: string
  readonly region: string
  readonly count: number
}

/**
 * Moves the numbers of open executions on and answers where they stand afterwards: the batch owns what lies in between.
 * Locks: each row until the commit, in the order of their keys, and before any execution; of two nodes that begin or end
 * executions of one account the second waits for the first's commit.
 */
export const countOpenExecutions = rowsStatement<OpenChange, OpenCount>(
  'count_open_executions',
  [
    { name: 'account_id', type: 'bpchar', of: (row) => row.accountId },
    { name: 'region', type: 'text', of: (row) => row.region },
    { name: 'count', type: 'bigint', of: (row) => row.change },
  ],
  (rows, names) => `
    INSERT INTO open_executions (${names}) SELECT ${names} FROM ${rows} ORDER BY account_id, region
    ON CONFLICT (account_id, region) DO UPDATE SET count = open_executions.count + excluded.count
    RETURNING account_id AS "accountId", region, count::float8 AS count`,
)
