import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { alignEventPositions } from '../../src/db/alignEventPositions.ts'
import { decodeCursor, encodeCursor } from '../../src/model/position.ts'
import { createNodeFunction } from '../kit/invocationDocuments.ts'
import { type ServiceProcess, serviceScript, startServiceProcess } from '../kit/serviceProcess.ts'
import { type TemporaryFolder, temporaryFolder } from '../kit/temporaryFolder.ts'
import { createTestDatabase, type TestDatabase } from '../kit/testDatabase.ts'

/** How much higher the ids of transactions were in the cluster that a database has come from. */
const HIGHER = 10n ** 12n
const TABLES = ['log_event', 'invocation_event', 'ledger_entry', 'throttle_event', 'alias_shift_event']

let database: TestDatabase
const query = async (sql: string) => (await database.database.pool.query(sql)).rows

beforeEach(async () => {
  database = await createTestDatabase()
})
afterEach(() => database[Symbol.asyncDispose]())

/** Leaves the database as a restore from another cluster does, where more had been written. */
async function comeFromElsewhere(): Promise<void> {
  await query('ALTER TABLE ledger_entry DISABLE TRIGGER USER')
  for (const table of TABLES) await query(`UPDATE ${table} SET transaction_id = transaction_id + ${HIGHER}`)
  await query('ALTER TABLE ledger_entry ENABLE TRIGGER USER')
  await query(`UPDATE event_cluster SET system_identifier = 'another'`)
}

describe('positions of events', () => {
  const present = async () => BigInt((await query('SELECT event_transaction_id()::text AS id'))[0].id)

  it('are left as they are while the database is where it was', async () => {
    const before = await present()
    expect(await alignEventPositions(database.database.pool)).toBe(false)
    expect(await alignEventPositions(database.database.pool)).toBe(false)
    expect(await query('SELECT system_identifier FROM event_cluster')).toEqual(
      await query('SELECT system_identifier::text FROM pg_control_system()'),
    )
    expect((await present()) - before).toBeLessThan(1_000n)
  })

  it('are those of all tables whose rows have one', async () => {
    const tables = await query(
      `SELECT table_name AS name FROM information_schema.columns
       WHERE table_schema = 'public' AND column_default LIKE '%event_transaction_id%' ORDER BY 1`,
    )
    expect(tables.map(({ name }) => name)).toEqual([...TABLES].sort())
  })

  it.each(TABLES)('are left as they are where the other cluster had written less to %s', async (table) => {
    await insertAt(table, 1n)
    expect(await alignEventPositions(database.database.pool)).toBe(false)
    expect(await present()).toBeLessThan(HIGHER)
  })

  it.each(TABLES)('are behind the latest one in %s, and all that is there is settled', async (table) => {
    await insertAt(table, HIGHER)
    expect(await alignEventPositions(database.database.pool)).toBe(true)
    expect(await present()).toBeGreaterThan(HIGHER)
    const [{ horizon }] = await query('SELECT event_position(pg_snapshot_xmin(pg_current_snapshot()))::text AS horizon')
    expect(BigInt(horizon)).toBeGreaterThan(HIGHER)
    expect(await alignEventPositions(database.database.pool)).toBe(false)
  })

  /** Some row, as if the database had come from elsewhere with it. */
  async function insertAt(table: string, position: bigint): Promise<void> {
    const rules = await query(`SELECT quote_ident(conname) AS name FROM pg_constraint
      WHERE conrelid = '${table}'::regclass AND contype IN ('c', 'f')`)
    for (const { name } of rules) await query(`ALTER TABLE ${table} DROP CONSTRAINT ${name}`)
    const columns =
      await query(`SELECT quote_ident(column_name) AS name, data_type AS type FROM information_schema.columns
      WHERE table_schema = 'public' AND table_name = '${table}' AND is_nullable = 'NO' AND column_default IS NULL`)
    const names = columns.map(({ name }) => name)
    const values = columns.map(({ type }) => SOMETHING[type] ?? `'x'`)
    await query(`INSERT INTO ${table} (transaction_id, ${names}) VALUES (${position}, ${values})`)
    await query(`INSERT INTO event_cluster VALUES ('another')`)
  }
})

/** A value of each type that is no text. */
const SOMETHING: Readonly<Record<string, string>> = {
  uuid: 'gen_random_uuid()',
  'timestamp with time zone': 'now()',
  integer: '0',
  bigint: '0',
  boolean: 'false',
}

describe('a service whose database was restored into another PostgreSQL', () => {
  let script: string
  let folder: TemporaryFolder
  let service: ServiceProcess
  beforeAll(async () => {
    script = await serviceScript()
    folder = temporaryFolder()
  })
  afterAll(async () => {
    await service.stop()
    folder[Symbol.dispose]()
  })

  const LOGS = `{ function(functionName: "says") { logEvents(first: 100) { nodes { message source cursor } } }
    ledgerEntries(first: 100) { nodes { requestId } } }`
  const INVOKE = 'mutation ($n: JSON!) { invoke(input: { functionName: "says", payload: $n }) { requestId } }'
  const start = () => startServiceProcess(script, folder.path, ['--database-url', database.url])
  const says = async (n: number) => (await service.client.query(INVOKE, { n })).data.invoke.requestId
  async function told() {
    const { data } = await service.client.query(LOGS)
    const lines = data.function.logEvents.nodes.filter(({ source }: { source: string }) => source !== 'PLATFORM')
    return { lines, billed: data.ledgerEntries.nodes.map(({ requestId }: { requestId: string }) => requestId) }
  }

  it('shows all that happened before, and streams go on behind it', { timeout: 60_000 }, async () => {
    service = await start()
    await createNodeFunction(
      service.client,
      'says',
      'export const handler = async (n) => { process.stdout.write("says " + n + "\\n") }',
    )
    const ids = [await says(1), await says(2)]
    const before = await told()
    expect(before.lines).toMatchObject([{ message: 'says 1' }, { message: 'says 2' }])
    await service.stop()
    await comeFromElsewhere()

    service = await start()
    expect(await told()).toMatchObject({ lines: [{ message: 'says 1' }, { message: 'says 2' }], billed: ids })
    const { transactionId, sequence } = decodeCursor(before.lines[1].cursor)!
    const after = encodeCursor({ transactionId: transactionId + HIGHER, sequence })
    const tail = service.client.subscribe(
      'subscription ($after: String) { logTail(functionName: "says", after: $after) { message source } }',
      { after },
    )
    ids.push(await says(3))
    const messages: string[] = []
    for await (const { data } of tail) {
      const { logTail } = data
      if (logTail.source !== 'PLATFORM') messages.push(logTail.message)
      if (logTail.message.startsWith(`REPORT RequestId: ${ids[2]}`)) break
    }
    expect(messages).toEqual(['says 3'])
    expect((await told()).billed).toEqual(ids)
  })
})
