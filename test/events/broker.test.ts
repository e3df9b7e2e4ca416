import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEventServices } from '../../src/events/services.ts'
import { topics } from '../../src/events/topics.ts'
import type { LogEventRecord } from '../../src/model/eventRecords.ts'
import { BEGINNING, comparePositions } from '../../src/model/position.ts'
import { logRow } from '../kit/journalRows.ts'
import { createTestJournal, type TestJournal } from '../kit/testJournal.ts'

let kit: TestJournal

beforeAll(async () => {
  kit = await createTestJournal()
})
afterAll(() => kit[Symbol.asyncDispose]())

const streams = () => createEventServices(kit.database, kit.broker)

async function take(stream: AsyncIterableIterator<LogEventRecord>, howMany: number): Promise<LogEventRecord[]> {
  const events: LogEventRecord[] = []
  for await (const event of stream) {
    events.push(event)
    if (events.length === howMany) break
  }
  return events
}

/** Begins a transaction that holds up what is written after it; answers what commits it. */
async function openTransaction(): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: kit.url })
  await client.connect()
  await client.query('BEGIN')
  await client.query('SELECT pg_current_xact_id()')
  return async () => {
    await client.query('COMMIT')
    await client.end()
  }
}

const messages = (events: readonly LogEventRecord[]) => events.map(({ message }) => message)

describe('a follower', () => {
  it('replays from its cursor and goes on live, with no gap and no repeat under concurrent writers', async () => {
    const functionId = uuid()
    const WRITERS = 6
    const ROUNDS = 60
    const PER_ROUND = 5
    const total = WRITERS * ROUNDS * PER_ROUND
    // Writers that commit out of the order of their numbers: each holds its transaction open for a while.
    const write = async (writer: number) => {
      const client = new pg.Client({ connectionString: kit.url })
      await client.connect()
      for (let round = 0; round < ROUNDS; round += 1) {
        await client.query('BEGIN')
        for (let index = 0; index < PER_ROUND; index += 1) {
          await client.query(
            `INSERT INTO log_event (function_id, function_name, version_number, log_stream_name, timestamp, source, message)
             VALUES ($1, 'tested', 0, 'stream', now(), 'STDOUT', $2)`,
            [functionId, `${writer}.${round}.${index}`],
          )
        }
        if (Math.random() < 0.3) await delay(Math.random() * 8)
        const { rows } = await client.query('SELECT pg_current_xact_id()::text AS id')
        await client.query('COMMIT')
        kit.wakeups.wake([topics.log(functionId)], BigInt(rows[0].id))
      }
      await client.end()
    }
    const early = take(streams().functionLog(functionId).follow(BEGINNING), total)
    const writing = Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)))
    const first = await take(streams().functionLog(functionId).follow(BEGINNING), 100)
    const late = take(streams().functionLog(functionId).follow(first.at(-1)!.position), total - 100)
    await writing

    const all = await early
    expect(new Set(messages(all)).size).toBe(total)
    expect(messages([...first, ...(await late)])).toEqual(messages(all))
    for (let index = 1; index < all.length; index += 1) {
      expect(comparePositions(all[index - 1]!.position, all[index]!.position)).toBeLessThan(0)
    }
  })

  it('is not held up by a wake-up that came before its transaction was settled', async () => {
    const functionId = uuid()
    const commitOlder = await openTransaction()
    const following = take(streams().functionLog(functionId).follow(BEGINNING), 1)
    await kit.journal.write({ logEvents: [logRow(functionId, 'behind an open transaction')] })
    await delay(20)
    // Nobody is woken by this: the tail must look again by itself.
    await commitOlder()
    expect(messages(await following)).toEqual(['behind an open transaction'])
  })

  it('sees what was written before it came, and not settled yet when it came, of which nobody wakes it any more', async () => {
    const functionId = uuid()
    const commitOlder = await openTransaction()
    await kit.journal.write({ logEvents: [logRow(functionId, 'behind an open transaction')] })
    const following = take(streams().functionLog(functionId).follow(BEGINNING), 1)
    await delay(50)
    await commitOlder()
    expect(messages(await following)).toEqual(['behind an open transaction'])
  })

  it('sees what was written while wake-ups were missed, and not settled yet when it was told so', async () => {
    const functionId = uuid()
    const following = take(streams().functionLog(functionId).follow(BEGINNING), 2)
    await kit.journal.write({ logEvents: [logRow(functionId, 'heard of')] })
    await delay(50)
    const commitOlder = await openTransaction()
    await kit.database.query(
      `INSERT INTO log_event (function_id, function_name, version_number, log_stream_name, timestamp, source, message)
       VALUES ($1, 'tested', 0, 'stream', now(), 'STDOUT', 'missed')`,
      [functionId],
    )
    kit.wakeups.wakeAll()
    await delay(50)
    await commitOlder()
    expect(messages(await following)).toEqual(['heard of', 'missed'])
  })

  it('without a cursor begins with what happens from now on', async () => {
    const functionId = uuid()
    await kit.journal.write({ logEvents: [logRow(functionId, 'old')] })
    const stream = streams().functionLog(functionId).follow(null)
    const next = stream.next()
    await delay(30)
    await kit.journal.write({ logEvents: [logRow(functionId, 'new')] })
    expect((await next).value).toMatchObject({ message: 'new' })
    await stream.return?.()
  })

  it('that is slow misses nothing, though the tail has moved on far beyond it', async () => {
    const functionId = uuid()
    const total = 6_000
    const stream = streams().functionLog(functionId).follow(BEGINNING)
    const first = stream.next()
    for (let begin = 0; begin < total; begin += 500) {
      await kit.journal.write({
        logEvents: Array.from({ length: 500 }, (_, index) => logRow(functionId, String(begin + index))),
      })
    }
    const fast = await take(streams().functionLog(functionId).follow(BEGINNING), total)
    const slow = [(await first).value as LogEventRecord, ...(await take(stream, total - 1))]
    expect(messages(fast)).toEqual(Array.from({ length: total }, (_, index) => String(index)))
    expect(messages(slow)).toEqual(messages(fast))
  })

  it('in batches is given what was read together: live, the same array as all who follow', async () => {
    const functionId = uuid()
    const followers = Array.from({ length: 3 }, () => streams().functionLog(functionId).followBatches(BEGINNING))
    const next = () => Promise.all(followers.map(async (each) => (await each.next()).value as LogEventRecord[]))
    for (const written of [['alone'], ['one', 'two', 'three']]) {
      const batches = next()
      await delay(30)
      await kit.journal.write({ logEvents: written.map((message) => logRow(functionId, message)) })
      const [first, ...others] = await batches
      expect(messages(first!)).toEqual(written)
      for (const other of others) expect(other).toBe(first)
    }
    const [late] = (await take(streams().functionLog(functionId).follow(BEGINNING), 2)).slice(1)
    const behind = streams().functionLog(functionId).followBatches(late!.position)
    expect(messages((await behind.next()).value)).toEqual(['two', 'three'])
    for (const each of [...followers, behind]) await each.return?.()
  })

  it('of a quiet stream ends at once when its consumer returns', async () => {
    const stream = streams().functionLog(uuid()).follow(null)
    const waiting = stream.next()
    await delay(30)
    await stream.return?.()
    expect(await waiting).toEqual({ done: true, value: undefined })
  })

  it('sees only its own stream', async () => {
    const [mine, other] = [uuid(), uuid()]
    await kit.journal.write({ logEvents: [logRow(other, 'other'), logRow(mine, 'mine')] })
    expect(messages(await take(streams().functionLog(mine).follow(BEGINNING), 1))).toEqual(['mine'])
  })
})

describe('pages of a stream', () => {
  it('follow each other without gap or repeat', async () => {
    const functionId = uuid()
    await kit.journal.write({ logEvents: Array.from({ length: 25 }, (_, index) => logRow(functionId, String(index))) })
    const seen: string[] = []
    let after = BEGINNING
    for (;;) {
      const { items, hasNextPage } = await streams().functionLog(functionId).page({ first: 10, after })
      seen.push(...messages(items))
      if (!hasNextPage) break
      after = items.at(-1)!.position
    }
    expect(seen).toEqual(Array.from({ length: 25 }, (_, index) => String(index)))
  })
})
