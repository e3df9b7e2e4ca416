import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils'
import type { MigrationList, SchemaEngine } from '@prisma/schema-engine-wasm'
import pg from 'pg'
import { withDatabase } from '../url.ts'
import { MIGRATIONS_FOLDER, readMigrations, SCHEMA_FILE } from './migrationFiles.ts'

/** Prisma's schema engine with what it is asked to do here. */
export type { SchemaEngine }

/** No table or enum is kept from the engine's sight. */
export const EVERYTHING = { externalTables: [], externalEnums: [] }

/** Prisma's schema engine on a database. */
export interface LoadedSchemaEngine {
  readonly engine: SchemaEngine
  /** What PostgreSQL said to the last script that failed: the engine's own error only says that one did. */
  scriptError(): Error | null
  /** Closes the engine's connections. */
  dispose(): Promise<void>
}

/** What the adapters of one engine share. */
interface AdapterState {
  readonly open: Set<SqlDriverAdapter>
  scriptError: Error | null
}

/** Loads Prisma's schema engine, in WebAssembly, for a database. */
export async function loadSchemaEngine(url: string): Promise<LoadedSchemaEngine> {
  bindings ??= loadBindings()
  const { SchemaEngine } = await bindings
  const state: AdapterState = { open: new Set(), scriptError: null }
  const engine = await SchemaEngine.new(
    { datamodels: [[SCHEMA_FILE, readFileSync(SCHEMA_FILE, 'utf8')]] },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(adapterFactory(url, state)),
  )
  return {
    engine,
    scriptError: () => state.scriptError,
    async dispose() {
      engine.free()
      await Promise.all([...state.open].map((adapter) => adapter.dispose()))
    },
  }
}

type Bindings = typeof import('@prisma/schema-engine-wasm/schema_engine_bg')

/** One per process: the bindings are a module with one memory, and setting a second would break the first's engines. */
let bindings: Promise<Bindings> | null = null

async function loadBindings(): Promise<Bindings> {
  const require = createRequire(import.meta.url)
  const wasmFile = join(
    dirname(require.resolve('@prisma/schema-engine-wasm/schema_engine_bg')),
    'schema_engine_bg.wasm',
  )
  const loaded = await import('@prisma/schema-engine-wasm/schema_engine_bg')
  // The package's own entry imports the .wasm file as a module, which Node 20 cannot.
  const exports = await instantiate(readFileSync(wasmFile), { './schema_engine_bg.js': loaded })
  loaded.__wbg_set_wasm(exports)
  exports.__wbindgen_start()
  return loaded
}

/** The migrations of a folder as the engine wants them. */
export function migrationList(folder: string = MIGRATIONS_FOLDER): MigrationList {
  const lockfile = join(folder, 'migration_lock.toml')
  return {
    baseDir: folder,
    lockfile: { path: 'migration_lock.toml', content: existsSync(lockfile) ? readFileSync(lockfile, 'utf8') : null },
    shadowDbInitScript: '',
    migrationDirectories: readMigrations(folder).map(({ name, sql }) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } },
    })),
  }
}

/**
 * Prisma's adapter with three corrections. It splits scripts at every semicolon, even within the body of a function; it
 * does not know the type "char", of which PostgreSQL's catalogue is full; and its shadow database is the main one where
 * the connection is given as a string.
 */
function adapterFactory(url: string, state: AdapterState): SqlMigrationAwareDriverAdapterFactory {
  return {
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect: () => connectAdapter(url, state),
    async connectToShadowDb() {
      const name = `lambdaql_shadow_${randomUUID().replaceAll('-', '')}`
      await execute(url, `CREATE DATABASE ${name}`)
      const adapter = await connectAdapter(withDatabase(url, name), state)
      const dispose = adapter.dispose.bind(adapter)
      adapter.dispose = async () => {
        if (!state.open.has(adapter)) return
        await dispose()
        await execute(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
      }
      return adapter
    },
  }
}

async function connectAdapter(url: string, state: AdapterState): Promise<SqlDriverAdapter> {
  const pool = new pg.Pool({ connectionString: url, max: 4 })
  const characterColumns = readCharactersAsTexts(pool)
  const adapter: SqlDriverAdapter = await new PrismaPg(pool).connect()
  const queryRaw = adapter.queryRaw.bind(adapter)
  adapter.queryRaw = async (query) => {
    const result = await queryRaw(query)
    const characters = characterColumns.get(result.rows)
    if (characters === undefined) return result
    const columnTypes = result.columnTypes.map((type, at) => (characters.has(at) ? ColumnTypeEnum.Character : type))
    return { ...result, columnTypes }
  }
  adapter.executeScript = async (script) => {
    try {
      await pool.query(script)
    } catch (error) {
      state.scriptError = error as Error
      throw error
    }
  }
  adapter.dispose = async () => {
    if (state.open.delete(adapter)) await pool.end()
  }
  state.open.add(adapter)
  return adapter
}

/** Which columns of a result are of the type "char", by the result's rows. */
type CharacterColumns = WeakMap<object, ReadonlySet<number>>

/** Makes a pool say "text" where PostgreSQL said "char", and remember it. */
function readCharactersAsTexts(pool: pg.Pool): CharacterColumns {
  const characterColumns: CharacterColumns = new WeakMap()
  const query = pool.query.bind(pool) as (config: unknown) => Promise<pg.QueryArrayResult>
  const corrected = async (config: unknown) => {
    const result = await query(config)
    // A script of several statements has a list of results, which nobody reads.
    if (!Array.isArray(result.fields)) return result
    const characters = new Set<number>()
    for (const [at, field] of result.fields.entries()) {
      if (field.dataTypeID !== CHARACTER_TYPE) continue
      field.dataTypeID = pg.types.builtins.TEXT
      characters.add(at)
    }
    if (characters.size > 0) characterColumns.set(result.rows, characters)
    return result
  }
  pool.query = corrected as typeof pool.query
  return characterColumns
}

/** Number of PostgreSQL's one-byte type "char". */
const CHARACTER_TYPE = pg.types.builtins.CHAR

async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

/** WebAssembly is in no library of types but the browser's, so this says what is used of it. */
interface WebAssemblyApi {
  instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>
}

async function instantiate(bytes: Uint8Array, imports: object): Promise<{ __wbindgen_start(): void }> {
  const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyApi }
  return (await WebAssembly.instantiate(bytes, imports)).instance.exports
}
