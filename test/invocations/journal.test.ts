import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LeaseLostFault } from '../../src/invocations/journal.ts'
import { claimInvocations } from '../../src/invocations/sql/claimInvocations.ts'
import { DEFAULT_PRICE_LIST } from '../../src/model/price.ts'
import { acceptedEntry, chargeRow, completedEntry, logRow } from '../kit/journalRows.ts'
import { createTestJournal, type TestJournal } from '../kit/testJournal.ts'

const FREE_REQUESTS = 5n
let kit: TestJournal

beforeAll(async () => {
  kit = await createTestJournal()
})
afterAll(() => kit[Symbol.asyncDispose]())

async function count(table: string, column: string, value: string): Promise<number> {
  const { rows } = await kit.database.query(`SELECT count(*)::int AS count FROM ${table} WHERE ${column} = $1`, [value])
  return rows[0].count
}

async function claim(nodeId: string, howMany = 50): Promise<{ id: string; attempts: number }[]> {
  const { rows } = await kit.database.query({ ...claimInvocations, values: [nodeId, new Date(), howMany] })
  return rows
}

describe('the journal', () => {
  it('answers when the rows are durable', async () => {
    const functionId = uuid()
    await kit.journal.write({ logEvents: [logRow(functionId, 'one'), logRow(functionId, 'two')] })
    expect(await count('log_event', 'function_id', functionId)).toBe(2)
  })

  it('keeps a bad row from taking the others of its batch with it', async () => {
    const functionId = uuid()
    const duplicate = uuid()
    await kit.journal.write(acceptedEntry(functionId, Date.now() + 3_600_000, duplicate))
    const written = await Promise.allSettled([
      kit.journal.write({ logEvents: [logRow(functionId, 'before')] }),
      kit.journal.write(acceptedEntry(functionId, Date.now() + 3_600_000, duplicate)),
      kit.journal.write({ logEvents: [logRow(functionId, 'after')] }),
    ])
    expect(written.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await count('log_event', 'function_id', functionId)).toBe(2)
  })

  it('writes a NUL in a log line as the replacement character', async () => {
    const functionId = uuid()
    await kit.journal.write({ logEvents: [logRow(functionId, 'a\0b')] })
    const { rows } = await kit.database.query('SELECT message FROM log_event WHERE function_id = $1', [functionId])
    expect(rows).toEqual([{ message: 'a\uFFFDb' }])
  })
})

describe('a lease', () => {
  it('is given to one of many nodes that claim at the same moment', async () => {
    const functionId = uuid()
    const entries = Array.from({ length: 40 }, () => acceptedEntry(functionId, Date.now()))
    await Promise.all(entries.map((entry) => kit.journal.write(entry)))
    const claims = await Promise.all(Array.from({ length: 8 }, () => claim(uuid())))
    const ids = claims.flat().map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(new Set(ids)).toEqual(new Set(entries.map(({ id }) => id)))
  })

  it('that was taken over writes nothing: no outcome, no charge, no events', async () => {
    const functionId = uuid()
    const { id, ...entry } = acceptedEntry(functionId, Date.now())
    await kit.journal.write(entry)
    const slow = uuid()
    await claim(slow)
    const requeue = { dueAtMs: Date.now(), attempts: 1, failures: 0, throttles: 0, versionNumber: 0 }
    await kit.journal.write({ lease: { invocationId: id, nodeId: slow, attempts: 1, requeue } })
    const quick = uuid()
    expect(await claim(quick)).toMatchObject([{ id, attempts: 2 }])

    const other = uuid()
    const written = await Promise.allSettled([
      kit.journal.write(completedEntry(functionId, id, slow, 1)),
      kit.journal.write({ logEvents: [logRow(other, 'in the same batch')] }),
    ])
    expect(written[0]).toMatchObject({ status: 'rejected', reason: expect.any(LeaseLostFault) })
    expect(written[1]?.status).toBe('fulfilled')
    expect(await count('ledger_entry', 'invocation_id', id)).toBe(0)
    await kit.journal.write(completedEntry(functionId, id, quick, 2))
    expect(await count('ledger_entry', 'invocation_id', id)).toBe(1)
    expect(await count('queued_invocation', 'id', id)).toBe(0)
    await expect(kit.journal.write(completedEntry(functionId, id, quick, 2))).rejects.toThrow(LeaseLostFault)
    expect(await count('ledger_entry', 'invocation_id', id)).toBe(1)
  })
})

describe('the ledger', () => {
  it('refuses a second entry for the same attempt', async () => {
    const [functionId, id] = [uuid(), uuid()]
    await kit.journal.write({ charge: chargeRow(functionId, id, 1) })
    await expect(kit.journal.write({ charge: chargeRow(functionId, id, 1) })).rejects.toThrow(/unique/)
    await kit.journal.write({ charge: chargeRow(functionId, id, 2) })
    expect(await count('ledger_entry', 'invocation_id', id)).toBe(2)
  })

  it('gives exactly the free requests and the free duration of a month away when two nodes bill at the same moment', async () => {
    const scope = { accountId: '100000000002', region: 'us-east-1' }
    const functionId = uuid()
    const nodes = [kit.journal, kit.newJournal()]
    const freeMebibyteMilliseconds = 7n * 100n * 128n + 50n * 128n
    const prices = { ...DEFAULT_PRICE_LIST, freeRequestsPerMonth: FREE_REQUESTS, freeMebibyteMilliseconds }
    await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        nodes[index % 2]!.write({ charge: { ...chargeRow(functionId, uuid(), 1), scope, prices } }),
      ),
    )
    const { rows } = await kit.database.query(
      'SELECT request_price_nano_usd::int AS price, count(*)::int AS count FROM ledger_entry WHERE account_id = $1 GROUP BY 1 ORDER BY 1',
      [scope.accountId],
    )
    expect(rows).toEqual([
      { price: 0, count: Number(FREE_REQUESTS) },
      { price: 200, count: 40 - Number(FREE_REQUESTS) },
    ])
    const durations = await kit.database.query(
      'SELECT duration_price_nano_usd::int AS price, count(*)::int AS count FROM ledger_entry WHERE account_id = $1 GROUP BY 1 ORDER BY 1',
      [scope.accountId],
    )
    // Seven are free, half of the eighth, and the others cost 0.0125 GB-seconds each.
    expect(durations.rows).toEqual([
      { price: 0, count: 7 },
      { price: 104, count: 1 },
      { price: 208, count: 32 },
    ])
    const spent = await kit.database.query(
      'SELECT spent_nano_usd::int AS spent FROM monthly_spending WHERE account_id = $1',
      [scope.accountId],
    )
    expect(spent.rows).toEqual([{ spent: 200 * (40 - Number(FREE_REQUESTS)) + 104 + 208 * 32 }])
  })
})

describe('a connection that breaks', () => {
  it('loses nothing and writes nothing twice', async () => {
    const functionId = uuid()
    let isWriting = true
    const killer = (async () => {
      while (isWriting) {
        await kit.database.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'journal' AND datname = current_database()",
        )
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    })()
    for (let round = 0; round < 30; round += 1) {
      await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          kit.journal.write({ logEvents: [logRow(functionId, `${round}.${index}`)] }),
        ),
      )
    }
    isWriting = false
    await killer
    const { rows } = await kit.database.query('SELECT message FROM log_event WHERE function_id = $1', [functionId])
    const messages = rows.map(({ message }) => message)
    expect(messages.length).toBe(300)
    expect(new Set(messages).size).toBe(300)
  })
})
