import type { Pool } from 'pg'

/** What the ledger has of an execution, in nano-dollars. */
export interface ExecutionCosts {
  /** State transitions, or the request and duration of an Express execution; 0 while it runs. */
  readonly ownNanoUsd: bigint
  /** Of the functions that it called, by request id. */
  readonly invocationNanoUsd: ReadonlyMap<string, bigint>
}

const selectCosts = {
  name: 'select_execution_costs',
  text: `
    SELECT invocation_id AS "invocationId", sum(request_price_nano_usd + duration_price_nano_usd)::text AS price
    FROM ledger_entry
    WHERE execution_id = $1 OR invocation_id IN (
      SELECT invocation_id FROM execution_event WHERE execution_id = $1 AND invocation_id IS NOT NULL
    )
    GROUP BY invocation_id`,
} as const

/** Takes no locks. */
export async function executionCosts(database: Pool, executionId: string): Promise<ExecutionCosts> {
  const { rows } = await database.query<{ invocationId: string | null; price: string }>({
    ...selectCosts,
    values: [executionId],
  })
  const own = rows.find(({ invocationId }) => invocationId === null)
  return {
    ownNanoUsd: BigInt(own?.price ?? 0),
    invocationNanoUsd: new Map(
      rows.flatMap(({ invocationId, price }) => (invocationId === null ? [] : [[invocationId, BigInt(price)]])),
    ),
  }
}
