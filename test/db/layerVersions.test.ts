import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../kit/testDatabase.ts'

let testDatabase: TestDatabase
const CODE = createHash('sha256').update('layer').digest()
const LAYER = randomUUID()
const run = (sql: string, values: unknown[] = []) => testDatabase.database.pool.query(sql, values)
const insertVersion = (number: number) =>
  run(
    `INSERT INTO layer_version (id, layer_id, number, description, code_sha256, code_size_bytes, created_at)
     VALUES ($1, $2, $3, '', $4, 1, now())`,
    [randomUUID(), LAYER, number, CODE],
  )

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  await run(`INSERT INTO account (id, name) VALUES ('100000000001', 'test')`)
  await run('INSERT INTO code_blob (sha256, size_bytes, unzipped_size_bytes) VALUES ($1, 1, 1)', [CODE])
  await run(
    `INSERT INTO layer (id, account_id, region, name, last_version_number) VALUES ($1, '100000000001', 'us-east-1', 'l', 1)`,
    [LAYER],
  )
  await insertVersion(1)
})
afterAll(() => testDatabase[Symbol.asyncDispose]())

describe('a layer version, whoever writes to the database', () => {
  it('has a positive number, given once', async () => {
    await expect(insertVersion(0)).rejects.toMatchObject({ constraint: 'layer_version_number_positive' })
    await expect(insertVersion(1)).rejects.toMatchObject({ code: '23505' })
  })

  it('never changes, but is deleted once', async () => {
    const immutable = { constraint: 'layer_version_immutable' }
    await expect(run(`UPDATE layer_version SET description = 'x'`)).rejects.toMatchObject(immutable)
    await run('UPDATE layer_version SET deleted_at = now()')
    await expect(run('UPDATE layer_version SET deleted_at = NULL')).rejects.toMatchObject(immutable)
  })

  it('keeps its archive in place', async () => {
    await expect(run('DELETE FROM code_blob')).rejects.toMatchObject({ code: '23001' })
  })
})
