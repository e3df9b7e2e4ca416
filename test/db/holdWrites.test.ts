import type { Socket } from 'node:net'
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { holdWrites } from '../../src/db/holdWrites.ts'
import { connectClient } from '../../src/db/pool.ts'
import { createTestDatabase, type TestDatabase } from '../kit/testDatabase.ts'

let testDatabase: TestDatabase
let client: Client

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  client = await connectClient(testDatabase.url, { pipeline: true })
})
afterAll(async () => {
  await client.end()
  await testDatabase[Symbol.asyncDispose]()
})

/** How often something is handed to the system while `work` goes on. */
async function writesDuring(work: () => Promise<unknown>): Promise<number> {
  const { stream } = (client as unknown as { readonly connection: { readonly stream: Socket } }).connection
  let writes = 0
  const { _write, _writev } = stream
  stream._write = (...args) => {
    writes += 1
    return _write.apply(stream, args)
  }
  stream._writev = (...args) => {
    writes += 1
    return _writev!.apply(stream, args)
  }
  await work()
  Object.assign(stream, { _write, _writev })
  return writes
}

const ask = (number: number) =>
  client.query<{ n: number }>({ name: 'ask', text: 'SELECT $1::int AS n', values: [number] })

describe('held writes', () => {
  it('leave together at the end of the turn, also those of promises that are settled by then', async () => {
    await ask(0)
    const answers: number[] = []
    const writes = await writesDuring(async () => {
      holdWrites(client)
      const first = [ask(1), ask(2)]
      await Promise.resolve()
      for (const { rows } of await Promise.all([...first, ask(3)])) answers.push(rows[0]!.n)
    })
    expect({ answers, writes }).toEqual({ answers: [1, 2, 3], writes: 1 })
  })

  it('hold up nothing of the next turn', async () => {
    holdWrites(client)
    await ask(4)
    const writes = await writesDuring(() => Promise.all([ask(5), ask(6)]))
    expect(writes).toBe(2)
  })
})
