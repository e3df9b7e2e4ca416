import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type GraphqlClient, graphqlClient } from '../kit/graphqlClient.ts'
import { createNodeFunction, enqueue, eventsUntilDone } from '../kit/invocationDocuments.ts'
import { startTestService, type TestService } from '../kit/testService.ts'

let service: TestService
let client: GraphqlClient

beforeAll(async () => {
  service = await startTestService({ config: { logLevel: 'silent' } })
  client = graphqlClient(service.url, service.token)
  await createNodeFunction(client, 'found', 'export const handler = async () => "found again"')
})
afterAll(async () => {
  await client.close()
  await service[Symbol.asyncDispose]()
})

it('an invocation whose claim was committed but never answered is run by the node that lives', async () => {
  const { pool } = service.database
  const id = uuid()
  // As a claim leaves it whose connection broke behind its commit: leased to this node, which does not know of it.
  await pool.query(
    `WITH accepted AS (
       INSERT INTO invocation (id, account_id, region, function_id, function_name, type, status, created_at, payload)
       SELECT $1, account_id, region, id, name, 'EVENT', 'QUEUED', now(), '{}' FROM function WHERE name = 'found'
       RETURNING *
     )
     INSERT INTO queued_invocation (id, account_id, region, function_id, due_at, expires_at, node_id, attempts)
     SELECT accepted.id, account_id, region, function_id, now(), now() + interval '1 hour', node.id, 1
     FROM accepted, node`,
    [id],
  )
  // The next claim fails, as it does when a connection breaks. A sequence tells of it: no rollback takes it back.
  await pool.query(`
    CREATE SEQUENCE failed_claims;
    CREATE FUNCTION fail_claim() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM nextval('failed_claims'); RAISE EXCEPTION 'the connection broke'; END $$;
    CREATE TRIGGER fail_claim BEFORE UPDATE ON queued_invocation FOR EACH ROW EXECUTE FUNCTION fail_claim()`)
  const other = await enqueue(client, 'found')
  await expect.poll(async () => (await pool.query('SELECT is_called FROM failed_claims')).rows[0].is_called).toBe(true)
  await pool.query('DROP TRIGGER fail_claim ON queued_invocation')

  expect((await eventsUntilDone(client, id)).map(({ type }) => type)).toEqual(['RELEASED', 'STARTED', 'SUCCEEDED'])
  expect((await eventsUntilDone(client, other)).at(-1)).toMatchObject({ type: 'SUCCEEDED' })
  const { data } = await client.query('query ($id: String!) { invocation(requestId: $id) { status result } }', { id })
  expect(data.invocation).toEqual({ status: 'SUCCEEDED', result: 'found again' })
})

it('an attempt whose lease was taken before it was written as begun is lost, and does not run for ever', async () => {
  const { pool } = service.database
  await createNodeFunction(
    client,
    'slow',
    'export const handler = async () => { await new Promise((r) => setTimeout(r, 700)); return "done" }',
  )
  const id = await enqueue(client, 'slow')
  await vi.waitFor(async () => {
    expect((await pool.query('SELECT FROM attempt WHERE invocation_id = $1', [id])).rowCount).toBe(1)
  })
  // As it is for a node that stood still: another one had the event meanwhile, and is gone as well.
  await pool.query('UPDATE queued_invocation SET node_id = gen_random_uuid(), attempts = attempts + 1 WHERE id = $1', [
    id,
  ])
  const types = (await eventsUntilDone(client, id)).map(({ type }) => type)
  expect(types.at(-1)).toBe('SUCCEEDED')
  const { rows } = await pool.query('SELECT number, outcome FROM attempt WHERE invocation_id = $1 ORDER BY number', [
    id,
  ])
  expect(rows).toEqual([
    { number: 1, outcome: 'LOST' },
    { number: 3, outcome: 'SUCCEEDED' },
  ])
})
