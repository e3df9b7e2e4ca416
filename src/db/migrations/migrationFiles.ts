import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { INSTALLATION_FOLDER } from '../../installation.ts'

/** A migration of the folder. */
export interface MigrationFile {
  /** Name of its folder, for example `20261123000000_first`: they are applied in the order of their names. */
  readonly name: string
  readonly sql: string
  /** SHA-256 in hexadecimal, as Prisma keeps it. */
  readonly checksum: string
}

/** The folder of the service's migrations. */
export const MIGRATIONS_FOLDER = join(INSTALLATION_FOLDER, 'prisma', 'migrations')

/** The Prisma schema that the migrations lead to. */
export const SCHEMA_FILE = join(INSTALLATION_FOLDER, 'prisma', 'schema.prisma')

/** Reads all migrations of a folder, in the order in which they are applied. */
export function readMigrations(folder: string = MIGRATIONS_FOLDER): readonly MigrationFile[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'migration.sql')))
    .map(({ name }) => {
      const sql = readFileSync(join(folder, name, 'migration.sql'), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}
