import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { connectDatabase, type Database } from '../../src/db/database.ts'
import { withDatabase } from '../../src/db/url.ts'
import { postgresUrl } from './postgresUrl.ts'

/** Name of the migrated database that others are copied from. Nobody may connect to it. */
export const TEMPLATE = 'lambdaql_template'

/** A database of a test's own, migrated and empty. */
export interface TestDatabase extends AsyncDisposable {
  readonly url: string
  /** Connections to it, opened on first use and closed with it. */
  readonly database: Database
}

/** Copies the migrated database, in about 30 ms. Disposing drops the copy, whoever is still connected. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = postgresUrl()
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await asAdmin(server, `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`)
  const url = withDatabase(server, name)
  const database = connectDatabase(url, randomUUID(), () => undefined)
  return {
    url,
    database,
    async [Symbol.asyncDispose]() {
      await database.stop()
      await asAdmin(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    },
  }
}

async function asAdmin(server: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
