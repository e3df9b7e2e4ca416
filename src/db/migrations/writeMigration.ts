import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MIGRATIONS_FOLDER, SCHEMA_FILE } from './migrationFiles.ts'
import { EVERYTHING, loadSchemaEngine, migrationList } from './schemaEngine.ts'

/** The SQL that leads from the state after all migrations to schema.prisma; empty when they agree. */
export async function pendingChange(url: string, folder: string = MIGRATIONS_FOLDER): Promise<string> {
  const { engine, dispose } = await loadSchemaEngine(url)
  try {
    const { stdout } = await engine.diff({
      from: { tag: 'migrations', ...migrationList(folder) },
      to: { tag: 'schemaDatamodel', files: [{ path: SCHEMA_FILE, content: readFileSync(SCHEMA_FILE, 'utf8') }] },
      script: true,
      exitCode: null,
      filters: EVERYTHING,
    })
    const sql = stdout ?? ''
    return sql.includes('This is an empty migration') ? '' : sql
  } finally {
    await dispose()
  }
}

/**
 * Writes the change of schema.prisma since the last migration into a new one and returns its path; null when there is
 * no change. `url` is any database of a cluster where a shadow database may be created.
 */
export async function writeMigration(
  url: string,
  name: string,
  at: Date,
  folder: string = MIGRATIONS_FOLDER,
): Promise<string | null> {
  const sql = await pendingChange(url, folder)
  if (sql.trim() === '') return null
  const stamp = at.toISOString().replace(/\D/g, '').slice(0, 14)
  const path = join(folder, `${stamp}_${name}`, 'migration.sql')
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, sql)
  return path
}
