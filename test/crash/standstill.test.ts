import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type GraphqlClient, graphqlClient } from '../kit/graphqlClient.ts'
import { createNodeFunction, invoke } from '../kit/invocationDocuments.ts'
import { type ServiceProcess, serviceScript, startServiceProcess } from '../kit/serviceProcess.ts'
import { type TemporaryFolder, temporaryFolder } from '../kit/temporaryFolder.ts'
import { createTestDatabase, type TestDatabase } from '../kit/testDatabase.ts'
import { transpile } from '../kit/transpile.ts'

let folders: TemporaryFolder[]
let database: TestDatabase
let sleepy: ServiceProcess
let other: ServiceProcess
let otherClient: GraphqlClient

beforeEach(async () => {
  folders = [temporaryFolder(), temporaryFolder()]
  database = await createTestDatabase()
  const args = ['--database-url', database.url]
  const script = await transpile(
    join(import.meta.dirname, '..', 'fixtures', 'serviceThatDies.ts'),
    'service-that-sleeps',
  )
  const environment = { DIES_AT: 'USAGE_COUNTED', DIES_BY: 'SIGSTOP' }
  sleepy = await startServiceProcess(script, folders[0]!.path, args, environment)
  other = await startServiceProcess(await serviceScript(), folders[1]!.path, args)
  otherClient = graphqlClient(other.url, sleepy.token)
})
afterEach(async () => {
  sleepy.child.process.kill('SIGCONT')
  await Promise.all([sleepy.stop(), other.stop()])
  await database[Symbol.asyncDispose]()
  for (const folder of folders) folder[Symbol.dispose]()
})

it('a service that falls asleep in the midst of a commit keeps no other one waiting for long, and loses nothing', {
  timeout: 60_000,
}, async () => {
  await createNodeFunction(otherClient, 'echo', 'export const handler = async (event) => event')
  const asked = invoke(sleepy.client, { functionName: 'echo', payload: 'asked of the one that sleeps' })
  // It is asleep when it has written nothing for a while, though it was asked.
  const answered = Symbol('answered')
  const asleep = await Promise.race([asked.then(() => answered), new Promise((resolve) => setTimeout(resolve, 2_000))])
  expect(asleep).not.toBe(answered)

  const { statusCode } = await invoke(otherClient, { functionName: 'echo', payload: 'asked of the other one' })
  expect(statusCode).toBe(200)

  sleepy.child.process.kill('SIGCONT')
  const { requestId, payload } = await asked
  expect(payload).toBe('asked of the one that sleeps')
  const { data } = await otherClient.query('{ ledgerEntries(first: 10) { nodes { requestId } } bill { requests } }')
  const billed = data.ledgerEntries.nodes.map((entry: { requestId: string }) => entry.requestId)
  expect(billed.filter((id: string) => id === requestId)).toHaveLength(1)
  expect(billed).toHaveLength(2)
  expect(data.bill.requests).toBe('2')
})
