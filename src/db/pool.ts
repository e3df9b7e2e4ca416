import pg from 'pg'

/** What the hot path needs of a connection. */
export interface PoolOptions {
  /** Shown in pg_stat_activity. */
  readonly applicationName?: string
  /** Most connections that are open at a time. */
  readonly max?: number
  /** Told when a connection that nobody uses is lost. The next query opens another one. */
  readonly onLost?: (error: Error) => void
}

/**
 * How values come back: `bigint` and `count(*)` as bigint (exact, and not JSON: convert at the edge), `timestamptz` as
 * Date, `jsonb` parsed, `bytea` as Buffer, `numeric` as string, everything else as pg does. Set for each connection and
 * not for the whole process, so that Prisma's own way of reading is left alone.
 */
export const RESULT_TYPES: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format: 'text' | 'binary' = 'text') =>
    oid === pg.types.builtins.INT8 && format === 'text'
      ? BigInt
      : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
}

/**
 * What every connection has. A process that stands still in the midst of a transaction (a machine that is suspended or cut
 * off, or dies without a word) would keep what it has locked, and with it everybody who wants the same rows, until the
 * network gives it up, which takes hours: the server ends the transaction after this time. Shorter stalls are survived.
 */
export const CONNECTION = {
  connectionTimeoutMillis: 10_000,
  keepAlive: true,
  idle_in_transaction_session_timeout: 5_000,
} as const

/** A pool of connections for prepared statements. Connects on first use; after a restart of the server, anew. */
export function createPool(connectionString: string, options: PoolOptions = {}): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max: options.max ?? 16,
    application_name: options.applicationName ?? 'lambdaql',
    idleTimeoutMillis: 60_000,
    ...CONNECTION,
    types: RESULT_TYPES,
  })
  pool.on('error', (error) => options.onLost?.(error))
  return pool
}

/**
 * One connection that belongs to the caller, who ends it, and hears through `onLost` when it is lost. Rejects when the
 * server cannot be reached.
 */
export async function connectClient(
  connectionString: string,
  options: Omit<PoolOptions, 'max'> = {},
): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString,
    application_name: options.applicationName ?? 'lambdaql',
    ...CONNECTION,
    types: RESULT_TYPES,
  })
  client.on('error', (error) => options.onLost?.(error))
  await client.connect()
  return client
}
