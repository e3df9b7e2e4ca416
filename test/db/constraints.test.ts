import { createHash, randomUUID } from 'node:crypto'
import type { GraphQLEnumType } from 'graphql'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createSchema } from '../../src/api/schema.ts'
import { createTestDatabase, type TestDatabase } from '../kit/testDatabase.ts'

const ACCOUNT = '100000000001'
const REGION = 'us-east-1'
const CODE = createHash('sha256').update('code').digest()

let testDatabase: TestDatabase
beforeAll(async () => {
  testDatabase = await createTestDatabase()
  await run(`INSERT INTO account (id, name) VALUES ('${ACCOUNT}', 'test')`)
  await run('INSERT INTO code_blob (sha256, size_bytes, unzipped_size_bytes) VALUES ($1, 4, 4)', [CODE])
})
afterAll(() => testDatabase[Symbol.asyncDispose]())

function run(sql: string, values: unknown[] = []) {
  return testDatabase.database.pool.query(sql, values)
}

async function insertFunction(): Promise<string> {
  const id = randomUUID()
  await run('INSERT INTO function (id, account_id, region, name) VALUES ($1, $2, $3, $4)', [
    id,
    ACCOUNT,
    REGION,
    `f-${id}`,
  ])
  return id
}

async function insertVersion(functionId: string, number: number, changes: Record<string, unknown> = {}): Promise<void> {
  const row = {
    id: randomUUID(),
    function_id: functionId,
    number,
    description: '',
    runtime: 'nodejs20.x',
    handler: 'index.handler',
    memory_mib: 128,
    timeout_seconds: 3,
    ephemeral_storage_mib: 512,
    environment: {},
    architecture: 'X86_64',
    code_sha256: CODE,
    code_size_bytes: 4,
    revision_id: randomUUID(),
    state: 'ACTIVE',
    last_modified: new Date(),
    ...changes,
  }
  await insert('function_version', row)
}

async function insertAlias(functionId: string, changes: Record<string, unknown>): Promise<void> {
  const row = {
    id: randomUUID(),
    function_id: functionId,
    name: 'live',
    version_number: 1,
    description: '',
    revision_id: randomUUID(),
  }
  await insert('alias', { ...row, ...changes })
}

async function insert(table: string, row: Record<string, unknown>): Promise<void> {
  const names = Object.keys(row)
  const places = names.map((_, at) => `$${at + 1}`)
  await run(
    `INSERT INTO ${table} (${names.map((name) => `"${name}"`).join(', ')}) VALUES (${places.join(', ')})`,
    Object.values(row),
  )
}

describe('a published version', () => {
  let functionId: string
  beforeEach(async () => {
    functionId = await insertFunction()
    await insertVersion(functionId, 0)
    await insertVersion(functionId, 1)
    await insertVersion(functionId, 2, { state: 'PENDING' })
  })
  const update = (number: number, change: string) =>
    run(`UPDATE function_version SET ${change} WHERE function_id = $1 AND number = $2`, [functionId, number])

  test('cannot be changed, and the message says which one', async () => {
    const refused = new RegExp(`version 1 of function ${functionId} is published and cannot be changed`)
    for (const change of [`memory_mib = 256`, `description = 'new'`, `environment = '{"A":"b"}'`, `state = 'FAILED'`]) {
      await expect(update(1, change)).rejects.toThrow(refused)
    }
  })

  test('becomes active, or fails, while it is PENDING, and then never again', async () => {
    await update(2, `state = 'ACTIVE', state_reason = 'ready', revision_id = '${randomUUID()}'`)
    await expect(update(2, `state = 'FAILED'`)).rejects.toThrow(/cannot be changed/)
  })

  test('that is PENDING cannot be changed in anything but its state', async () => {
    await expect(update(2, `state = 'ACTIVE', memory_mib = 256`)).rejects.toThrow(/cannot be changed/)
  })

  test('keeps its number, and $LATEST stays $LATEST', async () => {
    await expect(update(0, 'number = 3')).rejects.toThrow(/keeps its id, its function and its number/)
    await expect(update(1, 'number = 0')).rejects.toThrow(/keeps its id, its function and its number/)
  })

  test('$LATEST can be changed', async () => {
    await expect(update(0, `memory_mib = 256, description = 'new'`)).resolves.toMatchObject({ rowCount: 1 })
  })
})

describe('a version is refused', () => {
  test.each([
    ['a negative number', { number: -1 }],
    ['too little memory', { memory_mib: 127 }],
    ['too much memory', { memory_mib: 10_241 }],
    ['no timeout', { timeout_seconds: 0 }],
    ['too long a timeout', { timeout_seconds: 901 }],
    ['too little storage', { ephemeral_storage_mib: 511 }],
    ['an unknown network access', { network_access: 'VPC' }],
    ['variables that are no object', { environment: '[]' }],
    ['an unknown architecture', { architecture: 'MIPS' }],
    ['code that is not there', { code_sha256: createHash('sha256').update('other').digest() }],
  ])('with %s', async (_, changes) => {
    await expect(insertVersion(await insertFunction(), 0, changes)).rejects.toThrow(
      /violates (check|foreign key) constraint/,
    )
  })
})

describe('an alias', () => {
  let functionId: string
  beforeEach(async () => {
    functionId = await insertFunction()
    for (const number of [0, 1, 2]) await insertVersion(functionId, number)
  })

  test.each([
    ['one version', {}],
    ['$LATEST', { version_number: 0 }],
    ['a second version with all of the traffic', { additional_number: 2, additional_weight: 1 }],
    ['a second version with none of it', { additional_number: 2, additional_weight: 0 }],
  ])('may point at %s', async (_, changes) => {
    await insertAlias(functionId, changes)
  })

  test.each([
    ['a weight below 0', { additional_number: 2, additional_weight: -0.1 }],
    ['a weight above 1', { additional_number: 2, additional_weight: 1.1 }],
    ['a weight that is no number', { additional_number: 2, additional_weight: Number.NaN }],
    ['a second version without a weight', { additional_number: 2 }],
    ['a weight without a second version', { additional_weight: 0.5 }],
    ['$LATEST as its second version', { additional_number: 0, additional_weight: 0.5 }],
    ['the same version twice', { additional_number: 1, additional_weight: 0.5 }],
    ['a second version beside $LATEST', { version_number: 0, additional_number: 2, additional_weight: 0.5 }],
    ['only digits as its name', { name: '12' }],
    ['a version that is not there', { version_number: 3 }],
  ])('may not have %s', async (_, changes) => {
    await expect(insertAlias(functionId, changes)).rejects.toThrow(/violates (check|foreign key) constraint/)
  })

  test('keeps the version from being deleted, and goes with the function', async () => {
    await insertAlias(functionId, { additional_number: 2, additional_weight: 0.5 })
    await expect(
      run('DELETE FROM function_version WHERE function_id = $1 AND number = 2', [functionId]),
    ).rejects.toThrow(/alias_function_id_additional_number_fkey/)
    await run('DELETE FROM function WHERE id = $1', [functionId])
    const { rows } = await run('SELECT count(*) FROM alias WHERE function_id = $1', [functionId])
    expect(rows).toEqual([{ count: 0n }])
  })
})

describe('the ledger', () => {
  const entry = (invocationId: string) => ({
    account_id: ACCOUNT,
    region: REGION,
    type: 'INVOCATION',
    timestamp: new Date(),
    function_id: randomUUID(),
    function_name: 'f',
    version_number: 0,
    invocation_id: invocationId,
    attempt: 1,
    memory_mib: 128,
    duration_us: 1_000,
    billed_ms: 1,
    request_price_nano_usd: 200,
    duration_price_nano_usd: 2,
  })

  test('refuses to change or delete an entry, even where none would match', async () => {
    await insert('ledger_entry', entry(randomUUID()))
    await expect(run('UPDATE ledger_entry SET billed_ms = 0')).rejects.toThrow(
      'ledger entries are immutable: UPDATE is refused',
    )
    await expect(run('DELETE FROM ledger_entry WHERE false')).rejects.toThrow(
      'ledger entries are immutable: DELETE is refused',
    )
    await expect(run('TRUNCATE ledger_entry')).rejects.toThrow('ledger entries are immutable: TRUNCATE is refused')
  })

  test('has one entry for an attempt', async () => {
    const invocationId = randomUUID()
    await insert('ledger_entry', entry(invocationId))
    await expect(insert('ledger_entry', entry(invocationId))).rejects.toThrow(/ledger_entry_invocation_id_attempt_key/)
  })
})

describe('provisioned concurrency', () => {
  const configOf = async (changes: Record<string, unknown>) =>
    insert('provisioned_concurrency_config', {
      function_id: await insertFunction(),
      qualifier: '1',
      requested: 2,
      last_modified: new Date(),
      status: 'IN_PROGRESS',
      ...changes,
    })
  const period = (changes: Record<string, unknown>) => ({
    id: randomUUID(),
    function_id: randomUUID(),
    qualifier: '1',
    version_number: 1,
    started_at: new Date(1_000),
    environments: 1,
    account_id: ACCOUNT,
    region: REGION,
    function_name: 'f',
    memory_mib: 128,
    architecture: 'X86_64',
    billed_until: new Date(1_000),
    ...changes,
  })

  test.each([
    ['of nothing', { requested: 0 }],
    ['with more allocated than was asked for', { allocated: 3 }],
    ['in an unknown status', { status: 'LOST' }],
    ['with a reason that is READY', { status: 'READY', status_reason: 'because' }],
  ])('%s is refused', async (_what, changes) => {
    await configOf({})
    await expect(configOf(changes)).rejects.toThrow(/violates check constraint/)
  })

  test('is billed for one period of a version at a time, which does not end before it began', async () => {
    const open = period({})
    await insert('provisioned_period', open)
    await insert('provisioned_period', { ...open, id: randomUUID(), ended_at: new Date(1_000) })
    await expect(insert('provisioned_period', { ...open, id: randomUUID() })).rejects.toThrow(
      /provisioned_period_open_key/,
    )
    await expect(insert('provisioned_period', period({ ended_at: new Date(999) }))).rejects.toThrow(
      /provisioned_period_check/,
    )
  })
})

describe('a throttle event', () => {
  const reasons = (createSchema().getType('ThrottleReason') as GraphQLEnumType).getValues().map(({ name }) => name)
  test.each(reasons)('may have the reason %s', async (reason) => {
    const id = randomUUID()
    await insert('throttle_event', {
      account_id: ACCOUNT,
      region: REGION,
      timestamp: new Date(),
      function_id: id,
      function_name: 'f',
      version_number: 0,
      invocation_id: id,
      invocation_type: 'EVENT',
      reason,
      limit: 1,
    })
  })

  test('names an invocation or the start of an execution, and nothing of the other', async () => {
    const common = { account_id: ACCOUNT, region: REGION, timestamp: new Date(), reason: 'BUDGET_SPENT', limit: 0 }
    const start = { ...common, state_machine_id: randomUUID(), state_machine_name: 'm' }
    await insert('throttle_event', start)
    await insert('throttle_event', { ...start, version_number: 3, execution_name: 'e' })
    const check = 'throttle_event_names_what_was_refused'
    await expect(insert('throttle_event', common)).rejects.toMatchObject({ constraint: check })
    await expect(insert('throttle_event', { ...start, function_name: 'f' })).rejects.toMatchObject({
      constraint: check,
    })
  })
})

describe('an event', () => {
  test('is placed by the transaction that writes it, then by its sequence', async () => {
    const client = await testDatabase.database.pool.connect()
    try {
      const write = () =>
        client.query(
          `INSERT INTO invocation_event (invocation_id, type, timestamp) VALUES ($1, 'QUEUED', now())
           RETURNING transaction_id AS "transactionId", sequence`,
          [randomUUID()],
        )
      await client.query('BEGIN')
      const [first] = (await write()).rows
      const [second] = (await write()).rows
      const { rows } = await client.query('SELECT pg_current_xact_id()::text AS id')
      await client.query('COMMIT')
      expect([first.transactionId, second.transactionId]).toEqual([BigInt(rows[0].id), BigInt(rows[0].id)])
      expect(second.sequence).toBe(first.sequence + 1n)
    } finally {
      client.release()
    }
  })

  test.each([
    [
      'log_event',
      {
        function_id: randomUUID(),
        function_name: 'f',
        version_number: 0,
        log_stream_name: 's',
        timestamp: new Date(),
        source: 'TTY',
        message: '',
      },
    ],
    ['invocation_event', { invocation_id: randomUUID(), type: 'LOST', timestamp: new Date() }],
  ])('of a kind that %s does not know is refused', async (table, row) => {
    await expect(insert(table, row)).rejects.toThrow(/violates check constraint/)
  })
})

test('the claim reads an index of the waiting rows only', async () => {
  const { rows } = await run(`SELECT indexdef FROM pg_indexes WHERE indexname = 'queued_invocation_waiting_idx'`)
  expect(rows[0].indexdef).toMatch(/\(due_at\) WHERE \(node_id IS NULL\)/)
})
