/**
 * What a version has done for an alias since a request id: finished attempts, failed ones, and the 99th percentile of the
 * durations in milliseconds. Values: function id, alias, version number, first request id.
 *
 * Takes no locks. Walks the invocations of the function from that id on, and the attempts by their keys.
 */
export const measureVersion = {
  name: 'measure-version',
  text: `
    SELECT count(*)::int AS invocations,
           (count(*) FILTER (WHERE attempt.outcome = 'FAILED'))::int AS errors,
           percentile_disc(0.99) WITHIN GROUP (ORDER BY attempt.duration_us) / 1000.0::float8 AS "p99Ms"
    FROM invocation
    JOIN attempt ON attempt.invocation_id = invocation.id
    WHERE invocation.function_id = $1::uuid AND invocation.id >= $4::uuid AND invocation.qualifier = $2
      AND attempt.invocation_id >= $4::uuid AND attempt.version_number = $3
      AND attempt.outcome IN ('SUCCEEDED', 'FAILED')`,
} as const
