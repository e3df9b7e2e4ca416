import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { createNodeFunction } from '../kit/invocationDocuments.ts'
import { type ServiceProcess, serviceScript, startServiceProcess } from '../kit/serviceProcess.ts'
import { createChain } from '../kit/stateMachineDocuments.ts'
import { type TemporaryFolder, temporaryFolder } from '../kit/temporaryFolder.ts'
import { createTestDatabase, type TestDatabase } from '../kit/testDatabase.ts'

const KILLS = 3
const STARTERS = 8
const TASKS = 4

let script: string
let folder: TemporaryFolder
let database: TestDatabase
let service: ServiceProcess

beforeAll(async () => {
  script = await serviceScript()
  folder = temporaryFolder()
  database = await createTestDatabase()
  service = await start()
})
afterAll(async () => {
  await service.stop()
  await database[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const start = () => startServiceProcess(script, folder.path, ['--database-url', database.url])

/** Now and then it fails, and it takes as long as chance will have it: kills meet all of its moments. */
const CODE = `export const handler = async () => {
  if (Math.random() < 0.1) throw new Error("no")
  await new Promise((r) => setTimeout(r, Math.random() * 30))
}`
const START = `mutation ($arn: String!) {
  startExecution(input: { stateMachineArn: $arn }) { execution { executionArn } userErrors { message } }
}`

async function count(sql: string): Promise<number> {
  const { rows } = await database.database.pool.query(`SELECT (${sql})::int AS count`)
  return rows[0].count
}

it('executions all end though the service is killed in their midst, and every outcome that they know is recorded and billed once', {
  timeout: 120_000,
}, async () => {
  await createNodeFunction(service.client, 'task', CODE)
  const task = {
    Type: 'Task',
    Resource: 'arn:aws:lambda:us-east-1:100000000001:function:task',
    Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1, BackoffRate: 1, MaxAttempts: 50 }],
  }
  const arns = [
    await createChain(service.client, 'standard', task, TASKS),
    await createChain(service.client, 'express', task, TASKS, { type: 'EXPRESS' }),
  ]

  const accepted: string[] = []
  for (let kill = 0; kill < KILLS; kill += 1) {
    let isAlive = true
    const startUntilKilled = async (arn: string) => {
      while (isAlive) {
        // What is under way when the service dies has no answer.
        const answer = await service.client.query(START, { arn }).catch(() => null)
        if (answer === null) return
        expect(answer.data.startExecution.userErrors).toEqual([])
        accepted.push(answer.data.startExecution.execution.executionArn)
      }
    }
    const starters = Array.from({ length: STARTERS }, (_, index) => startUntilKilled(arns[index % arns.length]!))
    await new Promise((resolve) => setTimeout(resolve, 400 + Math.random() * 800))
    isAlive = false
    await service.kill()
    await Promise.all(starters)
    service = await start()
  }
  await vi.waitFor(async () => expect(await count(`SELECT count(*) FROM execution WHERE status = 'RUNNING'`)).toBe(0), {
    timeout: 90_000,
    interval: 250,
  })

  expect(await count(`SELECT count(*) FROM execution WHERE status <> 'SUCCEEDED'`)).toBe(0)
  const known = new Set(
    (await database.database.pool.query('SELECT name FROM execution')).rows.map(({ name }) => name as string),
  )
  const nameOf = (executionArn: string) => executionArn.split(':')[7]!
  expect(accepted.filter((executionArn) => !known.has(nameOf(executionArn)))).toEqual([])

  const outcomes = await count(`SELECT count(*) FROM execution_event WHERE type = 'LambdaFunctionSucceeded'
    OR (type = 'LambdaFunctionFailed' AND details NOT LIKE '%Lambda.Unknown%')`)
  expect(outcomes).toBeGreaterThan(accepted.length)
  expect({
    invocations: await count('SELECT count(*) FROM invocation'),
    attempts: await count(`SELECT count(*) FROM attempt WHERE outcome IN ('SUCCEEDED', 'FAILED')`),
    ledger: await count(`SELECT count(*) FROM ledger_entry WHERE type = 'INVOCATION'`),
    counted: await count('SELECT sum(requests) FROM monthly_usage'),
    ends: await count(`SELECT count(*) FROM log_event WHERE source = 'PLATFORM' AND message LIKE 'END RequestId%'`),
  }).toEqual({ invocations: outcomes, attempts: outcomes, ledger: outcomes, counted: outcomes, ends: outcomes })
  expect(await count('SELECT sum(transitions) FROM monthly_usage')).toBe(
    await count(`SELECT sum(transitions) FROM ledger_entry WHERE type = 'STATE_TRANSITIONS'`),
  )
  expect(await count('SELECT sum(spent_nano_usd) FROM monthly_spending')).toBe(
    await count('SELECT sum(request_price_nano_usd + duration_price_nano_usd) FROM ledger_entry'),
  )
})
