import { expect, it } from 'vitest'
import { systemClock } from '../../../src/model/clock.ts'
import { graphqlClient } from '../../kit/graphqlClient.ts'
import { createNodeFunction, invoke } from '../../kit/invocationDocuments.ts'
import { joinService } from '../../kit/joinService.ts'
import { putProvisioned, untilProvisioned } from '../../kit/provisionedDocuments.ts'
import { startTestService } from '../../kit/testService.ts'

/** Nodes look after each other every five seconds: half a second here. */
const clock = systemClock(10)
const WAIT = { timeout: 20_000, interval: 50 } as const

it('nodes part what is provisioned among themselves, and take over what one of them leaves', async () => {
  await using service = await startTestService({ clock })
  const client = graphqlClient(service.url, service.token)
  const second = await joinService(service, clock)
  const other = graphqlClient(second.url, service.token)
  const ofNodes = async () => {
    const { rows } = await service.database.pool.query(
      'SELECT available FROM provisioned_environment JOIN node ON node.id = node_id ORDER BY node_id',
    )
    return rows.map(({ available }) => available)
  }
  await createNodeFunction(client, 'parted', 'export const handler = async () => 1', { publish: true })
  await putProvisioned(client, 'parted', '1', 3)
  await untilProvisioned(client, 'parted', '1', { status: 'READY', allocated: 3, available: 3 })
  await expect.poll(ofNodes, WAIT).toEqual([2, 1])

  // Put on one node, warm on both.
  for (const each of [client, other]) {
    const { requestId } = await invoke(each, { functionName: 'parted', qualifier: '1' })
    const { data } = await client.query(
      'query ($id: String!) { invocation(requestId: $id) { attempts { isProvisioned } } }',
      { id: requestId },
    )
    expect(data.invocation.attempts).toEqual([{ isProvisioned: true }])
  }

  await other.close()
  await second.stop()
  await expect.poll(ofNodes, WAIT).toEqual([3])
  await untilProvisioned(client, 'parted', '1', { status: 'READY', allocated: 3, available: 3 })
  const { rows } = await service.database.pool.query(
    'SELECT sum(environments)::int AS environments FROM provisioned_period WHERE ended_at IS NULL',
  )
  expect(rows).toEqual([{ environments: 3 }])
  await client.close()
})

it('a node that is started again begins to provide, and what was billed in between has an end', async () => {
  await using service = await startTestService({ clock })
  const client = graphqlClient(service.url, service.token)
  await createNodeFunction(client, 'left', 'export const handler = async () => 1', { publish: true })
  // As a node leaves it that was killed: reported by a node that nobody knows any more.
  await service.database.pool.query(
    `WITH config AS (
       INSERT INTO provisioned_concurrency_config (function_id, qualifier, requested, last_modified, status, allocated, available)
       SELECT id, '1', 1, $1, 'READY', 1, 1 FROM function RETURNING function_id
     ), report AS (
       INSERT INTO provisioned_environment (function_id, qualifier, node_id, version_number, allocated, available)
       SELECT function_id, '1', gen_random_uuid(), 1, 1, 1 FROM config
     )
     INSERT INTO provisioned_period
       (id, function_id, qualifier, version_number, started_at, environments, account_id, region, function_name, memory_mib, architecture, billed_until)
     SELECT gen_random_uuid(), id, '1', 1, $1, 1, account_id, region, name, 128, 'X86_64', $1 FROM function`,
    [new Date(clock.now())],
  )
  const periods = async () => {
    const { rows } = await service.database.pool.query(
      'SELECT environments, ended_at IS NULL AS is_open FROM provisioned_period ORDER BY started_at',
    )
    return rows
  }
  await expect.poll(periods, WAIT).toEqual([
    { environments: 1, is_open: false },
    { environments: 1, is_open: true },
  ])
  await untilProvisioned(client, 'left', '1', { status: 'READY', allocated: 1, available: 1 })
  await client.close()
})
