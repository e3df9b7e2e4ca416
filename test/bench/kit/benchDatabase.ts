import pg from 'pg'
import type { EmbeddedPostgres } from '../../../src/db/postgres/embeddedPostgres.ts'

/** Makes an empty database and answers its connection string. */
export async function createBenchDatabase(postgres: EmbeddedPostgres, name: string): Promise<string> {
  const admin = new pg.Client({ connectionString: postgres.url('postgres') })
  await admin.connect()
  await admin.query(`CREATE DATABASE ${name}`)
  await admin.end()
  return postgres.url(name)
}
