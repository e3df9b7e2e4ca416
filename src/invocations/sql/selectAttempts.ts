/** The attempts of invocations with what each cost, in their order. Takes no locks. */
export const selectAttempts = {
  name: 'select_attempts',
  text: `
    SELECT attempt.*, (ledger.request_price_nano_usd + ledger.duration_price_nano_usd)::text AS price_nano_usd
    FROM attempt LEFT JOIN ledger_entry ledger
      ON ledger.invocation_id = attempt.invocation_id AND ledger.attempt = attempt.number
    WHERE attempt.invocation_id = ANY($1::uuid[])
    ORDER BY attempt.invocation_id, attempt.number`,
} as const
