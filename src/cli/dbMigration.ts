import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { writeMigration } from '../db/migrations/writeMigration.ts'
import { startEmbeddedPostgres } from '../db/postgres/embeddedPostgres.ts'

/** Writes a migration with the help of a PostgreSQL that is thrown away; the exit code is 0 when there was a change. */
async function main(name: string | undefined): Promise<number> {
  if (name === undefined || !/^[a-z][a-z0-9_]*$/.test(name)) {
    console.error('Usage: npm run db:migration NAME, where NAME says what changes: lower-case letters, digits and _')
    return 1
  }
  const dataFolder = mkdtempSync(join(tmpdir(), 'lambdaql-migration-'))
  // PostgreSQL runs as another user when this is root.
  chmodSync(dataFolder, 0o755)
  const server = await startEmbeddedPostgres({ dataFolder, durability: 'DISCARDABLE', report: console.error })
  try {
    const path = await writeMigration(server.url('postgres'), name, new Date())
    if (path === null) {
      console.error('schema.prisma has not changed since the last migration; nothing was written')
      return 1
    }
    console.log(`written: ${relative(process.cwd(), path)}
What Prisma cannot say (checks, triggers, partial indexes) is added to it by hand.`)
    return 0
  } finally {
    await server.stop()
    rmSync(dataFolder, { recursive: true, force: true })
  }
}

process.exit(await main(process.argv[2]))
