import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Death } from '../fixtures/serviceThatDies.ts'
import { type ServiceProcess, serviceScript, startServiceProcess } from '../kit/serviceProcess.ts'
import { createMachine, startExecution, untilEnded } from '../kit/stateMachineDocuments.ts'
import { type TemporaryFolder, temporaryFolder } from '../kit/temporaryFolder.ts'
import { createTestDatabase, type TestDatabase } from '../kit/testDatabase.ts'
import { transpile } from '../kit/transpile.ts'

// A minute is a second: the second attempt is seen without waiting for it. A PostgreSQL that is there already saves the time
// of a new one; what becomes of it when the service dies is another file's.
const args = () => ['--time-scale', '60', '--database-url', database.url]

const CREATE = `mutation ($name: String!, $code: String!) {
  createFunction(input: { functionName: $name, runtime: NODEJS20_X, handler: "index.handler",
    code: { files: [{ path: "index.mjs", content: $code }] } }) { userErrors { message } }
}`
const ENQUEUE = `mutation ($name: String!) {
  invoke(input: { functionName: $name, type: EVENT }) { requestId userErrors { message } }
}`
const ACCEPTED = '{ invocations(filter: { functionName: "mortal" }) { nodes { requestId } } }'
const OUTCOME = `query ($id: String!) {
  invocation(requestId: $id) { status result attempts { number outcome cost } }
  ledgerEntries(first: 100) { nodes { requestId attempt } }
}`

const SUCCEEDS = 'export const handler = async () => { await new Promise((r) => setTimeout(r, 100)); return "done" }'
const FAILS =
  'export const handler = async () => { await new Promise((r) => setTimeout(r, 100)); throw new Error("no") }'

let dying: string
let script: string
let folder: TemporaryFolder
let database: TestDatabase
let service: ServiceProcess

beforeAll(async () => {
  script = await serviceScript()
  dying = await transpile(join(import.meta.dirname, '..', 'fixtures', 'serviceThatDies.ts'), 'service-that-dies')
})
beforeEach(async () => {
  folder = temporaryFolder()
  database = await createTestDatabase()
})
afterEach(async () => {
  await service.stop()
  await database[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

/** Accepts one event in a service that dies at the point, waits for its death, and starts a living one. */
async function dieAt(
  death: Death,
  code: string,
  prepare: () => Promise<void> = async () => undefined,
): Promise<string> {
  service = await startServiceProcess(dying, folder.path, args(), { DIES_AT: death })
  await service.client.query(CREATE, { name: 'mortal', code })
  await prepare()
  // It may die before it has answered.
  const enqueued = service.client.query(ENQUEUE, { name: 'mortal' }).catch(() => null)
  expect(await service.child.ended).toBe('SIGKILL')
  service = await startServiceProcess(script, folder.path, args())
  const { data } = await service.client.query(ACCEPTED)
  const [{ requestId }, ...others] = data.invocations.nodes
  expect(others).toEqual([])
  const answer = await enqueued
  if (answer !== null) expect(answer.data.invoke).toEqual({ requestId, userErrors: [] })
  return requestId
}

async function outcomeOf(requestId: string) {
  return vi.waitFor(
    async () => {
      const { data } = await service.client.query(OUTCOME, { id: requestId })
      expect(['SUCCEEDED', 'FAILED']).toContain(data.invocation.status)
      return data
    },
    { timeout: 30_000, interval: 100 },
  )
}

describe('an event whose service dies', () => {
  it.each<[Death, readonly string[]]>([
    ['CLAIMED', ['SUCCEEDED']],
    ['STARTED', ['LOST', 'SUCCEEDED']],
    ['FINISHED', ['LOST', 'SUCCEEDED']],
    ['BEFORE_COMMIT', ['LOST', 'SUCCEEDED']],
    ['AFTER_COMMIT', ['SUCCEEDED']],
  ])(
    'at the point %s has the attempts %j and is billed for the one that ended',
    async (death, outcomes) => {
      const requestId = await dieAt(death, SUCCEEDS)
      const { invocation, ledgerEntries } = await outcomeOf(requestId)
      expect(invocation).toMatchObject({ status: 'SUCCEEDED', result: 'done' })
      expect(invocation.attempts.map(({ outcome }: { outcome: string }) => outcome)).toEqual(outcomes)
      const { number } = invocation.attempts.at(-1)
      expect(ledgerEntries.nodes).toEqual([{ requestId, attempt: number }])
    },
    60_000,
  )

  it.each<[Death, readonly string[]]>([
    ['FAILED', ['LOST', 'FAILED', 'FAILED', 'FAILED']],
    ['AFTER_RETRY_COMMIT', ['FAILED', 'FAILED', 'FAILED']],
  ])(
    'at the point %s of a failure has the attempts %j: three that failed, each billed once',
    async (death, outcomes) => {
      const requestId = await dieAt(death, FAILS)
      const { invocation, ledgerEntries } = await outcomeOf(requestId)
      expect(invocation.attempts.map(({ outcome }: { outcome: string }) => outcome)).toEqual(outcomes)
      const failed = invocation.attempts.filter(({ outcome }: { outcome: string }) => outcome === 'FAILED')
      expect(ledgerEntries.nodes).toEqual(
        failed.map(({ number }: { number: number }) => ({ requestId, attempt: number })),
      )
    },
    60_000,
  )
})

const DESTINATION = `mutation {
  putFunctionEventInvokeConfig(input: { functionName: "mortal", destinationConfig: {
    onSuccess: { destination: "arn:aws:lambda:us-east-1:100000000001:function:target" } } }) { userErrors { message } }
}`
const DELIVERIES = 'query ($id: String!) { invocation(requestId: $id) { deliveries { status } } }'
const TARGET = '{ invocations(filter: { functionName: "target" }) { nodes { status source } } }'

describe('an event whose end is told to a function', () => {
  it.each<Death>(['AFTER_COMMIT', 'DELIVERY_CLAIMED', 'DELIVERY_BEFORE_COMMIT', 'DELIVERY_AFTER_COMMIT'])(
    'is told exactly once when the service dies at the point %s',
    async (death) => {
      const requestId = await dieAt(death, SUCCEEDS, async () => {
        await service.client.query(CREATE, { name: 'target', code: SUCCEEDS })
        const { data } = await service.client.query(DESTINATION)
        expect(data.putFunctionEventInvokeConfig.userErrors).toEqual([])
      })
      expect((await outcomeOf(requestId)).invocation.status).toBe('SUCCEEDED')
      const told = async () => (await service.client.query(TARGET)).data.invocations.nodes
      await vi.waitFor(async () => expect((await told())[0]).toEqual({ status: 'SUCCEEDED', source: 'DESTINATION' }), {
        timeout: 30_000,
        interval: 100,
      })
      // Its delivery is over: nothing is left that could tell it again.
      const { data } = await service.client.query(DELIVERIES, { id: requestId })
      expect(data.invocation.deliveries).toEqual([{ status: 'DELIVERED' }])
      expect(await told()).toHaveLength(1)
    },
    60_000,
  )
})

const RAN = `{
  invocations(filter: { functionName: "mortal" }) { nodes { requestId status attempts { outcome } } }
  ledgerEntries(first: 100) { nodes { type requestId } }
}`

describe('an execution whose service dies with the outcome of its function', () => {
  /** Starts an execution of one task in a service that dies at the point, and sees it end in a living one. */
  async function endOfTask(death: Death) {
    service = await startServiceProcess(dying, folder.path, args(), { DIES_AT: death })
    await service.client.query(CREATE, { name: 'mortal', code: SUCCEEDS })
    const Resource = 'arn:aws:lambda:us-east-1:100000000001:function:mortal'
    const machine = await createMachine(service.client, 'one-task', {
      StartAt: 'Only',
      States: { Only: { Type: 'Task', Resource, End: true } },
    })
    const { execution } = await startExecution(service.client, machine)
    expect(await service.child.ended).toBe('SIGKILL')
    service = await startServiceProcess(script, folder.path, args())
    const { status, error, history } = await untilEnded(service.client, execution.executionArn)
    const { data } = await service.client.query(RAN)
    const begun: readonly string[] = history.nodes.flatMap(
      ({ invocation }: { invocation: { requestId: string } | null }) => invocation?.requestId ?? [],
    )
    return { status, error, begun, invocations: data.invocations.nodes, ledger: data.ledgerEntries.nodes }
  }

  it('at the point TASK_AFTER_COMMIT has succeeded, and its function is in history and bill', async () => {
    const { status, begun, invocations, ledger } = await endOfTask('TASK_AFTER_COMMIT')
    expect(status).toBe('SUCCEEDED')
    const [requestId] = begun
    expect(invocations).toEqual([{ requestId, status: 'SUCCEEDED', attempts: [{ outcome: 'SUCCEEDED' }] }])
    expect(ledger).toEqual([
      { type: 'INVOCATION', requestId },
      { type: 'STATE_TRANSITIONS', requestId: null },
    ])
  })

  it.each<Death>(['TASK_FINISHED', 'TASK_BEFORE_COMMIT'])(
    'at the point %s has failed, since the outcome is lost, and so is all of its function',
    async (death) => {
      const { status, error, invocations, ledger } = await endOfTask(death)
      expect({ status, error }).toEqual({ status: 'FAILED', error: 'Lambda.Unknown' })
      expect(invocations).toEqual([])
      expect(ledger).toEqual([{ type: 'STATE_TRANSITIONS', requestId: null }])
    },
  )
})
