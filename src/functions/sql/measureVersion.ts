/** A version with 1 % of the traffic has some 500 of them, which is the most that a shift may ask to be judged by. */
const LATEST_INVOCATIONS = 50_000

/**
 * What a version has done for an alias since a request id: finished attempts, failed ones, and the 99th percentile of the
 * durations in milliseconds. Values: function id, alias, version number, first request id.
 *
 * Takes no locks. Walks the latest invocations of the function by its index, newest first, so that the work has a bound
 * however long the shift and however busy the function, and reads the attempts by their keys.
 */
export const measureVersion = {
  name: 'measure-version',
  text: `
    SELECT count(*)::int AS invocations,
           (count(*) FILTER (WHERE attempt.outcome = 'FAILED'))::int AS errors,
           percentile_disc(0.99) WITHIN GROUP (ORDER BY attempt.duration_us) / 1000.0::float8 AS "p99Ms"
    FROM (
      SELECT id, qualifier FROM invocation
      WHERE function_id = $1::uuid AND id >= $4::uuid ORDER BY id DESC LIMIT ${LATEST_INVOCATIONS}
    ) latest
    JOIN attempt ON attempt.invocation_id = latest.id
    WHERE latest.qualifier = $2 AND attempt.invocation_id >= $4::uuid AND attempt.version_number = $3
      AND attempt.outcome IN ('SUCCEEDED', 'FAILED')`,
} as const
