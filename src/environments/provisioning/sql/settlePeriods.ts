/**
 * Ends the periods of a config in which another number of environments was allocated than now. Values: function id,
 * qualifier, version numbers, environments by version, now. Behind the config's lock, so that periods follow one another.
 */
export const endPeriods = {
  name: 'end-periods',
  text: `
    UPDATE provisioned_period period SET ended_at = greatest(started_at, $5::timestamptz)
    WHERE function_id = $1::uuid AND qualifier = $2 AND ended_at IS NULL
      AND NOT EXISTS (
        SELECT FROM unnest($3::int[], $4::int[]) present (version_number, environments)
        WHERE present.version_number = period.version_number AND present.environments = period.environments
      )`,
} as const

/** Begins the periods that are not open yet. Values as above, behind it: a version has one open period at most. */
export const beginPeriods = {
  name: 'begin-periods',
  text: `
    INSERT INTO provisioned_period (id, function_id, qualifier, version_number, started_at, billed_until, environments,
      account_id, region, function_name, memory_mib, architecture)
    SELECT gen_random_uuid(), f.id, $2, v.number, $5::timestamptz, $5::timestamptz, present.environments, f.account_id, f.region, f.name,
      v.memory_mib, v.architecture
    FROM unnest($3::int[], $4::int[]) present (version_number, environments)
    JOIN function_version v ON v.function_id = $1::uuid AND v.number = present.version_number
    JOIN function f ON f.id = v.function_id
    WHERE present.environments > 0 AND NOT EXISTS (
      SELECT FROM provisioned_period open
      WHERE open.function_id = f.id AND open.qualifier = $2 AND open.version_number = v.number AND open.ended_at IS NULL
    )`,
} as const
