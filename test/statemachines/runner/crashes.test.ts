import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectClient } from '../../../src/db/pool.ts'
import { createWakeups, type Wakeups } from '../../../src/events/wakeups.ts'
import { type Clock, systemClock } from '../../../src/model/clock.ts'
import { DEFAULT_OPEN_EXECUTIONS } from '../../../src/model/executionLimits.ts'
import { createActivities } from '../../../src/statemachines/activities.ts'
import type { StateMachineDefinition } from '../../../src/statemachines/definition/types.ts'
import { createTaskCallbacks } from '../../../src/statemachines/executions/taskCallbacks.ts'
import { createStateMachine } from '../../../src/statemachines/machines/createStateMachine.ts'
import { createMachineResolver } from '../../../src/statemachines/machines/machineResolver.ts'
import { createExecutionJournal, type ExecutionJournal } from '../../../src/statemachines/runner/executionJournal.ts'
import { createExecutionRunner, type ExecutionRunner } from '../../../src/statemachines/runner/executionRunner.ts'
import { createMapRunTask } from '../../../src/statemachines/runner/tasks/mapRunTask.ts'
import { startNestedExecution } from '../../../src/statemachines/runner/tasks/nestedExecutionTask.ts'
import { ended, performerOf } from '../../../src/statemachines/runner/tasks/taskPerformer.ts'
import { createStartExecution, type StartExecution, sha256 } from '../../../src/statemachines/startExecution.ts'
import { createStartLimits } from '../../../src/statemachines/startLimits.ts'
import { createStartRate } from '../../../src/statemachines/startRate.ts'
import { stateMachineArn } from '../../../src/statemachines/stateMachineArn.ts'
import { createTestDatabase, type TestDatabase } from '../../kit/testDatabase.ts'

const SCOPE = { accountId: '100000000001', region: 'us-east-1' }
const arnOf = (name: string) => stateMachineArn(SCOPE, name)
const wait = (seconds: number, next: object = { End: true }) => ({ Type: 'Wait', Seconds: seconds, ...next }) as const

/** Machines that between them pass through every kind of step that a node can die at. */
const MACHINES: Readonly<Record<string, object>> = {
  'a chain with chance, a choice and waits': {
    StartAt: 'Draw',
    States: {
      Draw: {
        Type: 'Pass',
        Parameters: { 'id.$': 'States.UUID()', 'n.$': 'States.MathRandom(0, 1000)' },
        Assign: { 'drawn.$': 'States.UUID()' },
        Next: 'Wait',
      },
      Wait: wait(1, { Next: 'Choose' }),
      Choose: {
        Type: 'Choice',
        Choices: [{ Variable: '$.n', NumericGreaterThanEquals: 0, Next: 'Again' }],
        Default: 'Never',
      },
      Never: { Type: 'Fail' },
      Again: wait(1, { Next: 'Show' }),
      Show: { Type: 'Pass', Parameters: { 'drawn.$': '$drawn', 'id.$': '$.id' }, End: true },
    },
  },
  'branches of which one fails, is tried again and is caught': {
    StartAt: 'Both',
    States: {
      Both: {
        Type: 'Parallel',
        Branches: [
          // Longer than any test takes: it is never over before the other branch fails.
          { StartAt: 'Slow', States: { Slow: wait(36_000) } },
          {
            StartAt: 'Before',
            States: {
              Before: wait(1, { Next: 'Fails' }),
              Fails: { Type: 'Fail', Error: 'Broken', Cause: 'on purpose' },
            },
          },
        ],
        Retry: [{ ErrorEquals: ['Broken'], IntervalSeconds: 2, MaxAttempts: 1, JitterStrategy: 'FULL' }],
        Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Caught' }],
        End: true,
      },
      Caught: { Type: 'Pass', End: true },
    },
  },
  'a map with two iterations at a time': {
    QueryLanguage: 'JSONata',
    StartAt: 'Each',
    States: {
      Each: {
        Type: 'Map',
        Items: '{% [1, 2, 3, 4] %}',
        MaxConcurrency: 2,
        ItemProcessor: {
          StartAt: 'Wait',
          States: {
            Wait: { Type: 'Wait', Seconds: '{% $states.input %}', Next: 'Square' },
            Square: { Type: 'Pass', Output: '{% $states.input * $states.input %}', End: true },
          },
        },
        End: true,
      },
    },
  },
  'an activity whose worker answers': {
    StartAt: 'Work',
    States: {
      Work: {
        Type: 'Task',
        Resource: `arn:aws:states:us-east-1:${SCOPE.accountId}:activity:work`,
        ResultPath: '$.answer',
        Next: 'Wait',
      },
      Wait: wait(1),
    },
  },
  'an execution within an execution': {
    StartAt: 'Nested',
    States: {
      Nested: {
        Type: 'Task',
        Resource: 'arn:aws:states:::states:startExecution.sync:2',
        Parameters: { StateMachineArn: arnOf('inner'), Input: { a: 1 } },
        ResultSelector: { 'output.$': '$.Output' },
        End: true,
      },
    },
  },
  'a distributed map': {
    StartAt: 'Each',
    States: {
      Each: {
        Type: 'Map',
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
          StartAt: 'Wait',
          States: { Wait: wait(1) },
        },
        MaxConcurrency: 2,
        End: true,
      },
    },
  },
}
const INPUTS: Readonly<Record<string, unknown>> = { 'a-distributed-map': [1, 2, 3] }

/** When a node dies: before or after its n-th commit. */
interface Death {
  readonly commit: number
  readonly isAfter: boolean
}

let testDatabase: TestDatabase
let clock: Clock

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  clock = systemClock(200)
  const { prisma, pool } = testDatabase.database
  const wakeups = createWakeups()
  await createActivities(prisma, pool, wakeups, clock).create(SCOPE, 'work')
  await create('inner', { StartAt: 'Wait', States: { Wait: wait(1) } })
})
afterAll(() => testDatabase[Symbol.asyncDispose]())

function create(name: string, definition: object) {
  return createStateMachine(testDatabase.database.prisma, clock, SCOPE, {
    name,
    definition: JSON.stringify(definition satisfies object as StateMachineDefinition),
    type: 'STANDARD',
    roleArn: null,
    loggingLevel: 'OFF',
    includeExecutionData: false,
    tags: [],
  })
}

/** A node with the real runner and journal, which may die at a commit: then it writes and does nothing any more. */
async function startNode(death: Death | null) {
  const nodeId = randomUUID()
  await testDatabase.database.pool.query(
    "INSERT INTO node (id, instance_id, started_at, expires_at) VALUES ($1, $1, now(), 'infinity')",
    [nodeId],
  )
  const { prisma, pool } = testDatabase.database
  const wakeups: Wakeups = createWakeups()
  const journal = createExecutionJournal({
    connect: () => connectClient(testDatabase.url, { applicationName: 'test' }),
    openExecutionLimit: DEFAULT_OPEN_EXECUTIONS,
    wake: wakeups.wake,
    onRetry: () => undefined,
  })
  let commits = 0
  let die = () => {}
  const died = new Promise<void>((resolve) => {
    die = resolve
  })
  const never = new Promise<never>(() => undefined)
  const dying: ExecutionJournal = {
    ...journal,
    async write(entry) {
      commits += 1
      if (death !== null && commits > death.commit) return never
      if (death === null || commits < death.commit) return journal.write(entry)
      if (death.isAfter) await journal.write(entry)
      die()
      return never
    },
  }
  const start: StartExecution = createStartExecution({
    prisma,
    machines: createMachineResolver(pool),
    limits: createStartLimits({
      budgets: { refuseSpent: () => undefined },
      rate: createStartRate(clock, 'off'),
      journal: { write: () => Promise.reject(new Error('no start here is refused')) },
      clock,
    }),
    begin: (run) => runner.begin(run),
  })
  const runner: ExecutionRunner = createExecutionRunner({
    database: pool,
    journal: dying,
    clock,
    wakeups,
    nodeId,
    onError: (error) => {
      throw error
    },
    record: () => expect.unreachable('no machine here calls a function'),
    perform: performerOf({
      runFunction: () => Promise.reject(new Error('no machine here calls a function')),
      callService: async (execution, task) => ended(await startNestedExecution(start, execution, task)),
      runMap: createMapRunTask({
        database: pool,
        clock,
        wakeups,
        awsClients: () => Promise.reject(new Error('no machine here reads from outside')),
        begin: (run) => runner.begin(run),
        sha256,
      }),
    }),
  })
  const leave = () => testDatabase.database.pool.query('DELETE FROM node WHERE id = $1', [nodeId])
  return { leave, runner, start, journal, wakeups, died, commits: () => commits }
}

async function statusOf(name: string): Promise<string | undefined> {
  const { rows } = await testDatabase.database.pool.query('SELECT status FROM execution WHERE name = $1', [name])
  return rows[0]?.status
}

/** Answers the activity's tasks until it is told to stop. */
async function work(signal: AbortSignal): Promise<void> {
  const { prisma, pool } = testDatabase.database
  const wakeups = createWakeups()
  const activities = createActivities(prisma, pool, wakeups, clock)
  const callbacks = createTaskCallbacks(pool, wakeups, clock)
  const arn = `arn:aws:states:us-east-1:${SCOPE.accountId}:activity:work`
  while (!signal.aborted) {
    const task = await activities.fetchTask(SCOPE, arn, 'worker', AbortSignal.abort())
    if (task === null) await sleep(5)
    else await callbacks.succeed(SCOPE, task.taskToken, '42')
  }
}

/** Runs an execution over as many nodes as it takes: the first one dies, the second one does not. */
async function runWith(machine: string, name: string, death: Death | null) {
  const node = await startNode(death)
  node.runner.start()
  const request = { stateMachineArn: arnOf(machine), name, input: JSON.stringify(INPUTS[machine] ?? {}) }
  const started = node.start(SCOPE, { ...request, child: null, isAgain: false, isSynchronous: false })
  const hasDied = await Promise.race([node.died.then(() => true), untilEnded(name).then(() => false)])
  let second: Awaited<ReturnType<typeof startNode>> | null = null
  if (hasDied) {
    await node.leave()
    second = await startNode(null)
    second.runner.start()
    // What was never acknowledged may be lost: whoever asked asks again.
    if ((await statusOf(name)) === undefined)
      await second.start(SCOPE, { ...request, child: null, isAgain: false, isSynchronous: false })
    await untilEnded(name, () => second!.wakeups.wake(['executions'], 0n))
  } else await started
  await node.runner.stop(AbortSignal.abort())
  await Promise.all([node.leave(), second?.leave()])
  await second?.runner.stop(AbortSignal.timeout(1_000))
  await second?.journal.stop()
  await node.journal.stop()
  return { history: await historyOf(name), commits: node.commits() }
}

async function untilEnded(name: string, nudge = () => {}): Promise<void> {
  for (let status = await statusOf(name); status === undefined || status === 'RUNNING'; status = await statusOf(name)) {
    nudge()
    await sleep(5)
  }
}

/**
 * What happened and what came before it, in no order: that of branches is a matter of chance. Ids and times are left
 * out, but whether an id is the same as another one is seen.
 */
async function historyOf(name: string): Promise<string[]> {
  const { rows } = await testDatabase.database.pool.query<Told>(
    `SELECT event.id, previous_event_id AS "previousEventId", type, details FROM execution_event event
     JOIN execution ON execution.id = event.execution_id WHERE execution.name = $1 ORDER BY event.id`,
    [name],
  )
  expect(rows.map(({ id }) => id)).toEqual(rows.map((_, index) => index + 1))
  const uuids = new Map<string, string>()
  const plain = (details: string | null) =>
    (details ?? '')
      .replaceAll(name, 'NAME')
      .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (uuid) => {
        if (!uuids.has(uuid)) uuids.set(uuid, `uuid ${uuids.size}`)
        return uuids.get(uuid)!
      })
      .replace(/"n\\":\d+/g, '"n')
      .replace(/(Date\\":|Seconds\\":)\d+/g, '$1')
  const told = new Map<number, string>([[0, '']])
  for (const { id, type, details } of rows) told.set(id, `${type} ${plain(details)}`)
  return rows.map(({ id, previousEventId }) => `${told.get(previousEventId)} -> ${told.get(id)}`).sort()
}

interface Told {
  readonly id: number
  readonly previousEventId: number
  readonly type: string
  readonly details: string | null
}

describe('an execution whose node dies at any commit goes on elsewhere, and its history is as if nothing had been', () => {
  it.each(Object.keys(MACHINES))('%s', { timeout: 60_000 }, async (machine) => {
    const slug = machine.replaceAll(/\W+/g, '-').slice(0, 50)
    await create(slug, MACHINES[machine]!)
    const worker = new AbortController()
    const working = machine.includes('activity') ? work(worker.signal) : Promise.resolve()
    const undisturbed = await runWith(slug, `${slug}-undisturbed`, null)
    expect(await statusOf(`${slug}-undisturbed`)).toBe('SUCCEEDED')
    for (let commit = 1; commit <= undisturbed.commits; commit += 1) {
      for (const isAfter of [false, true]) {
        const name = `${slug}-${isAfter ? 'after' : 'before'}-${commit}`
        const { history } = await runWith(slug, name, { commit, isAfter })
        expect(history, name).toEqual(undisturbed.history)
      }
    }
    worker.abort()
    await working
  })
})

it('the number of open executions is the true one, whatever died', async () => {
  const { rows } = await testDatabase.database.pool.query(
    `SELECT (SELECT sum(count)::int FROM open_executions) AS told,
            (SELECT count(*)::int FROM execution WHERE status = 'RUNNING' AND map_run_id IS NULL) AS open`,
  )
  expect(rows[0].told).toBe(rows[0].open)
})
