import type { Socket } from 'node:net'
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectClient } from '../../src/db/pool.ts'
import { runBatch, type Statement } from '../../src/db/statementBatch.ts'
import { eventually } from '../kit/eventually.ts'
import { createTestDatabase, type TestDatabase } from '../kit/testDatabase.ts'

let testDatabase: TestDatabase
let client: Client

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  client = await connectClient(testDatabase.url)
  await client.query('CREATE TABLE noted (n int PRIMARY KEY)')
})
afterAll(async () => {
  await client.end()
  await testDatabase[Symbol.asyncDispose]()
})

const statement = (name: string, text: string, ...values: unknown[]): Statement => ({ name, text, values })
const ask = (n: number) => statement('ask', 'SELECT $1::int AS n, 7::bigint AS large', n)
const note = (n: number) => statement('note', 'INSERT INTO noted VALUES ($1)', n)
const begin = statement('begin', 'BEGIN')
const commit = statement('commit', 'COMMIT')

async function noted(): Promise<number[]> {
  const { rows } = await client.query<{ n: number }>('SELECT n FROM noted ORDER BY n')
  return rows.map(({ n }) => n)
}

describe('a batch of statements', () => {
  it('answers with what each came to, in their order, read as everywhere', async () => {
    const results = await runBatch(client, [begin, ask(1), note(1), ask(2), commit])
    expect(results.map(({ command, rows }) => ({ command, rows }))).toEqual([
      { command: 'BEGIN', rows: [] },
      { command: 'SELECT', rows: [{ n: 1, large: 7n }] },
      { command: 'INSERT', rows: [] },
      { command: 'SELECT', rows: [{ n: 2, large: 7n }] },
      { command: 'COMMIT', rows: [] },
    ])
    expect(await noted()).toEqual([1])
  })

  it('leaves in one write and is answered in one', async () => {
    const { stream } = (client as unknown as { readonly connection: { readonly stream: Socket } }).connection
    await runBatch(client, [ask(0)])
    let writes = 0
    let reads = 0
    const { _writev } = stream
    stream._writev = (...args) => {
      writes += 1
      return _writev!.apply(stream, args)
    }
    const count = () => {
      reads += 1
    }
    stream.on('data', count)
    await runBatch(
      client,
      Array.from({ length: 20 }, (_, n) => ask(n)),
    )
    stream.off('data', count)
    Object.assign(stream, { _writev })
    expect({ writes, reads }).toEqual({ writes: 1, reads: 1 })
  })

  it('stops at the statement that fails, and says how', async () => {
    await runBatch(client, [note(2)])
    await expect(runBatch(client, [begin, note(3), note(2), note(4), commit])).rejects.toMatchObject({ code: '23505' })
    await client.query('ROLLBACK')
    expect(await noted()).toEqual([1, 2])
  })

  it('may have a statement again that could not be prepared, and those behind it', async () => {
    const late = statement('late', 'SELECT n FROM later')
    const behind = statement('behind', 'SELECT 1 AS one')
    await expect(runBatch(client, [late, behind])).rejects.toMatchObject({ code: '42P01' })
    await client.query('CREATE TABLE later (n int)')
    const results = await runBatch(client, [late, behind, late])
    expect(results.map(({ rows }) => rows)).toEqual([[], [{ one: 1 }], []])
  })

  it('refuses a value that cannot be sent, and leaves the connection usable', async () => {
    const circular: unknown[] = []
    circular.push(circular)
    await expect(runBatch(client, [ask(1), statement('array', 'SELECT $1::text', circular)])).rejects.toThrow()
    await expect(runBatch(client, [statement('array', 'SELECT $1::text', 'a')])).resolves.toHaveLength(1)
    expect((await runBatch(client, [ask(9)]))[0]!.rows).toEqual([{ n: 9, large: 7n }])
  })

  it('fails when its connection is lost', async () => {
    const other = await connectClient(testDatabase.url)
    const asleep = runBatch(other, [statement('sleep', 'SELECT pg_sleep(60)')])
    asleep.catch(() => undefined)
    await eventually(async () => {
      const { rows } = await client.query(
        `SELECT pg_terminate_backend(pid) AS is_told FROM pg_stat_activity
         WHERE query LIKE '%pg_sleep(60)' AND pid <> pg_backend_pid() AND state = 'active'`,
      )
      expect(rows).toEqual([{ is_told: true }])
    })
    await expect(asleep).rejects.toThrow()
    await other.end().catch(() => undefined)
  })
})
