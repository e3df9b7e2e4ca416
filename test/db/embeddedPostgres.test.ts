import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createPool } from '../../src/db/pool.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/db/postgres/embeddedPostgres.ts'
import { readPostmasterFile } from '../../src/db/postgres/postmasterFile.ts'
import { isReachable } from '../../src/db/postgres/systemUser.ts'
import { identifyProcess } from '../../src/db/processIdentity.ts'
import { startChild } from '../kit/childProcess.ts'
import { type TemporaryFolder, temporaryFolder } from '../kit/temporaryFolder.ts'
import { transpile } from '../kit/transpile.ts'

const isGone = (pid: number) => identifyProcess(pid) === null

describe('the embedded PostgreSQL', () => {
  let folder: TemporaryFolder
  let server: EmbeddedPostgres
  const reports: string[] = []
  beforeAll(async () => {
    folder = temporaryFolder()
    server = await startEmbeddedPostgres({ dataFolder: folder.path, report: (sentence) => reports.push(sentence) })
  })
  afterAll(async () => {
    await server.stop()
    folder[Symbol.dispose]()
  })

  async function setting(name: string): Promise<string> {
    const pool = createPool(server.url('postgres'))
    try {
      return (await pool.query('SELECT current_setting($1) AS value', [name])).rows[0].value
    } finally {
      await pool.end()
    }
  }

  test.each([
    ['fsync', 'on'],
    ['synchronous_commit', 'on'],
    ['full_page_writes', 'on'],
    ['data_checksums', 'on'],
    ['listen_addresses', ''],
    ['unix_socket_permissions', '0700'],
    ['server_encoding', 'UTF8'],
    ['timezone', 'UTC'],
  ])('has %s set to "%s"', async (name, value) => {
    expect(await setting(name)).toBe(value)
  })

  test('orders texts by their code points, whatever the machine is set to', async () => {
    const pool = createPool(server.url('postgres'))
    const { rows } = await pool.query(`SELECT 'B' < 'a' AS "byCodePoint", lower('Ä') AS lower`)
    await pool.end()
    expect(rows).toEqual([{ byCodePoint: true, lower: 'ä' }])
  })

  test('lets in nobody but the owner of its folder', () => {
    const socketFolder = new URL(server.url()).searchParams.get('host')!
    expect(statSync(socketFolder).mode & 0o777).toBe(0o700)
    expect(existsSync(join(socketFolder, '.s.PGSQL.5432'))).toBe(true)
  })

  test('leads a session of its own, which no Ctrl-C of a terminal reaches', () => {
    const stat = readFileSync(`/proc/${server.pid()}/stat`, 'latin1')
    const session = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]
    expect(session).toBe(String(server.pid()))
  })

  test('is started again when it is killed, keeps what was committed, and the pool connects anew', async () => {
    const pool = createPool(server.url('postgres'))
    await pool.query('CREATE TABLE kept AS SELECT generate_series(1, 1000) AS id')
    const killed = server.pid()
    process.kill(killed, 'SIGKILL')
    await vi.waitUntil(() => reports.includes('PostgreSQL runs again'), { timeout: 20_000 })
    expect(server.pid()).not.toBe(killed)
    expect((await pool.query('SELECT count(*) FROM kept')).rows).toEqual([{ count: 1000n }])
    expect(reports[0]).toBe('PostgreSQL ended by itself (signal SIGKILL); it is started again')
    await pool.end()
  })
})

describe('starting on a data folder', () => {
  const start = (dataFolder: string) =>
    startEmbeddedPostgres({ dataFolder, durability: 'DISCARDABLE', report: () => undefined })

  test('stops what a killed service left running, and has all its data', async () => {
    using folder = temporaryFolder()
    const script = await transpile(join(import.meta.dirname, '..', 'fixtures', 'holdPostgres.ts'), 'holdPostgres')
    const service = startChild(process.execPath, [script, folder.path])
    const [, leftPid] = await service.says(/runs as (\d+)/)
    service.process.kill('SIGKILL')
    await service.ended
    expect(isGone(Number(leftPid))).toBe(false)

    const server = await start(folder.path)
    try {
      expect(isGone(Number(leftPid))).toBe(true)
      const pool = createPool(server.url('postgres'))
      expect((await pool.query('SELECT id FROM held')).rows).toEqual([{ id: 1 }])
      await pool.end()
    } finally {
      await server.stop()
    }
  })

  test('starts over where the first start was interrupted', async () => {
    using folder = temporaryFolder()
    mkdirSync(join(folder.path, 'postgres.unfinished', 'base'), { recursive: true })
    const server = await start(folder.path)
    await server.stop()
    expect(existsSync(join(folder.path, 'postgres', 'PG_VERSION'))).toBe(true)
  })

  test('is not misled by another process that has the number of the last server', async () => {
    using folder = temporaryFolder()
    await (await start(folder.path)).stop()
    const file = join(folder.path, 'postgres', 'postmaster.pid')
    writeFileSync(file, `${process.pid}\n${join(folder.path, 'postgres')}\n1\n5432\n\n\n0 0\nready\n`)
    const server = await start(folder.path)
    expect(readPostmasterFile(join(folder.path, 'postgres'))?.pid).toBe(server.pid())
    await server.stop()
  })

  test('takes a short folder for its socket where the path would be too long', async () => {
    using folder = temporaryFolder()
    const dataFolder = join(folder.path, 'a'.repeat(60), 'b'.repeat(60))
    mkdirSync(dataFolder, { recursive: true })
    const server = await start(dataFolder)
    const client = new pg.Client({ connectionString: server.url('postgres') })
    await client.connect()
    await client.end()
    await server.stop()
    const socketFolder = new URL(server.url()).searchParams.get('host')!
    expect(socketFolder).toMatch(/^\/tmp\/lambdaql-[0-9a-f]{16}$/)
    rmSync(socketFolder, { recursive: true })
  })

  test('refuses the data of another version of PostgreSQL', async () => {
    using folder = temporaryFolder()
    mkdirSync(join(folder.path, 'postgres'))
    writeFileSync(join(folder.path, 'postgres', 'PG_VERSION'), '9.6\n')
    await expect(start(folder.path)).rejects.toThrow(/was written by PostgreSQL 9\.6, and this is PostgreSQL \d+/)
  })

  test('says why PostgreSQL does not start, in its own words', async () => {
    using folder = temporaryFolder()
    await (await start(folder.path)).stop()
    writeFileSync(join(folder.path, 'postgres', 'postgresql.conf'), 'no_such_setting = 1\n')
    await expect(start(folder.path)).rejects.toThrow(/PostgreSQL does not start: .*postgresql\.conf.*contains errors/)
  })
})

describe('what PostgreSQL’s user can reach', () => {
  test('a folder is out of reach when one above it is closed to the user', () => {
    using folder = temporaryFolder()
    const stranger = { name: 'stranger', uid: 54_321, gid: 54_321 }
    mkdirSync(join(folder.path, 'closed', 'within'), { recursive: true, mode: 0o700 })
    expect(isReachable(folder.path, stranger)).toBe(true)
    expect(isReachable(join(folder.path, 'not', 'there', 'yet'), stranger)).toBe(true)
    expect(isReachable(join(folder.path, 'closed', 'within'), stranger)).toBe(false)
  })
})
