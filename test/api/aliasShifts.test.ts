import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createWakeups } from '../../src/events/wakeups.ts'
import { createAliasShifter } from '../../src/functions/aliasShifter.ts'
import { claimShifts } from '../../src/functions/sql/claimShifts.ts'
import { type DrivenClock, drivenClock } from '../kit/drivenClock.ts'
import { type GraphqlClient, graphqlClient } from '../kit/graphqlClient.ts'
import { createNodeFunction, invoke } from '../kit/invocationDocuments.ts'
import { putProvisioned } from '../kit/provisionedDocuments.ts'
import { startTestService, type TestService } from '../kit/testService.ts'

const SHIFT = 'fromVersion toVersion step weightPercent status reason stepEndsAt endedAt'
const START = `mutation ($input: StartAliasShiftInput!) {
  startAliasShift(input: $input) { aliasShift { ${SHIFT} steps { weightPercent } } userErrors { code message } }
}`
const STOP = `mutation ($input: StopAliasShiftInput!) {
  stopAliasShift(input: $input) { aliasShift { ${SHIFT} } userErrors { code message } }
}`
const ALIAS = `query ($name: String!) { function(functionName: $name) { alias(name: "live") {
  functionVersion routingConfig { additionalVersion weight } shift { ${SHIFT} }
} } }`
const EVENTS = `subscription ($name: String!, $after: String) {
  aliasShiftEvents(functionName: $name, after: $after) { type weightPercent toVersion aliasName reason cursor }
}`
/** Version 2 answers as the event says. */
const OLD = 'export const handler = async () => "old"'
const NEW = `export const handler = async ({ fail, waitMs }) => {
  if (waitMs) await new Promise((resolve) => setTimeout(resolve, waitMs))
  if (fail) throw new Error('new')
  return 'new'
}`

let clock: DrivenClock
let service: TestService
let client: GraphqlClient

beforeAll(async () => {
  clock = drivenClock(Date.now())
  // One of the tests makes the service report a fault.
  service = await startTestService({ clock, config: { logLevel: 'silent' } })
  client = graphqlClient(service.url, service.token)
})
afterAll(async () => {
  await client.close()
  await service[Symbol.asyncDispose]()
})

/** A function with two versions and an alias to the first. */
async function create(functionName: string) {
  await createNodeFunction(client, functionName, OLD, { publish: true })
  await client.query(
    'mutation ($input: UpdateFunctionCodeInput!) { updateFunctionCode(input: $input) { userErrors { code } } }',
    { input: { functionName, publish: true, code: { files: [{ path: 'index.mjs', content: NEW }] } } },
  )
  await client.query('mutation ($input: CreateAliasInput!) { createAlias(input: $input) { userErrors { code } } }', {
    input: { functionName, name: 'live', functionVersion: '1' },
  })
}

async function start(functionName: string, changes: Readonly<Record<string, unknown>> = {}) {
  const plan = { linear: { weightPercent: 40, everySeconds: 60 } }
  const input = { functionName, aliasName: 'live', toVersion: '2', plan, ...changes }
  const { data, errors } = await client.query(START, { input })
  expect(errors).toBeUndefined()
  return data.startAliasShift
}

const alias = async (name: string) => (await client.query(ALIAS, { name })).data.function.alias

const until = (name: string, expected: object) =>
  vi.waitFor(async () => expect(await alias(name)).toMatchObject(expected), { timeout: 10_000, interval: 20 })

async function events(name: string, count: number, after = '') {
  const seen = []
  for await (const { data } of client.subscribe(EVENTS, { name, after })) {
    seen.push(data.aliasShiftEvents)
    if (seen.length === count) break
  }
  return seen
}

describe('a shift of an alias', () => {
  it('moves its traffic by steps over time, and tells of each', async () => {
    await create('stepped')
    const { aliasShift, userErrors } = await start('stepped')
    expect(userErrors).toEqual([])
    expect(aliasShift).toMatchObject({
      fromVersion: '1',
      toVersion: '2',
      steps: [{ weightPercent: 40 }, { weightPercent: 80 }],
      weightPercent: 40,
      status: 'RUNNING',
    })
    const weighted = (weight: number) => ({
      functionVersion: '1',
      routingConfig: { additionalVersion: '2', weight },
    })
    expect(await alias('stepped')).toMatchObject(weighted(0.4))
    await clock.advance(61_000)
    await until('stepped', { ...weighted(0.8), shift: { step: 1, weightPercent: 80 } })
    await clock.advance(61_000)
    await until('stepped', {
      functionVersion: '2',
      routingConfig: null,
      shift: { status: 'COMPLETED', weightPercent: 100, reason: null, stepEndsAt: null },
    })
    expect(await events('stepped', 3)).toMatchObject([
      { type: 'STARTED', weightPercent: 40, toVersion: '2', aliasName: 'live' },
      { type: 'STEPPED', weightPercent: 80 },
      { type: 'COMPLETED', weightPercent: 100 },
    ])
    expect((await invoke(client, { functionName: 'stepped:live', payload: {} })).payload).toBe('new')
  })

  it('takes itself back when the new version fails too often, and the old version is warm', async () => {
    await create('failing')
    await invoke(client, { functionName: 'failing:live', payload: {} })
    const plan = { canary: { weightPercent: 99, durationSeconds: 600 } }
    await start('failing', { plan, rollback: { maximumErrorRatePercent: 20, minimumInvocations: 5 } })
    for (let count = 0; count < 12; count += 1) {
      await invoke(client, { functionName: 'failing:live', payload: { fail: true } })
    }
    await clock.advance(2_000)
    await until('failing', { functionVersion: '1', routingConfig: null, shift: { status: 'ROLLED_BACK' } })
    const seen = await events('failing', 2)
    expect(seen[1]).toMatchObject({
      type: 'ROLLED_BACK',
      weightPercent: 0,
      reason: expect.stringMatching(/invocations failed, more than 20 %/),
    })
    const back = await invoke(client, { functionName: 'failing:live', payload: {} })
    const { data } = await client.query(
      'query ($id: String!) { invocation(requestId: $id) { attempts { isColdStart } } }',
      {
        id: back.requestId,
      },
    )
    expect({ payload: back.payload, attempts: data.invocation.attempts }).toEqual({
      payload: 'old',
      attempts: [{ isColdStart: false }],
    })
  })

  it('takes itself back when the new version is too slow', async () => {
    await create('slow')
    const plan = { canary: { weightPercent: 99, durationSeconds: 600 } }
    await start('slow', { plan, rollback: { maximumP99Ms: 40, minimumInvocations: 3 } })
    for (let count = 0; count < 8; count += 1) {
      await invoke(client, { functionName: 'slow:live', payload: { waitMs: 60 } })
    }
    await clock.advance(2_000)
    await until('slow', {
      functionVersion: '1',
      shift: { status: 'ROLLED_BACK', reason: expect.stringMatching(/The p99 of \d+ invocations is/) },
    })
  })

  it('can be stopped: all traffic goes back at once', async () => {
    await create('stopped')
    await start('stopped')
    const stop = async () =>
      (await client.query(STOP, { input: { functionName: 'stopped', aliasName: 'live' } })).data.stopAliasShift
    expect((await stop()).aliasShift).toMatchObject({ status: 'STOPPED', weightPercent: 0 })
    expect(await alias('stopped')).toMatchObject({ functionVersion: '1', routingConfig: null })
    expect((await stop()).userErrors).toMatchObject([{ code: 'RESOURCE_NOT_FOUND' }])
  })

  it('keeps others from changing or deleting its alias, or shifting it a second time', async () => {
    await create('held')
    await start('held')
    const conflict = [{ code: 'RESOURCE_CONFLICT', message: expect.stringMatching(/is being shifted/) }]
    const ask = async (document: string, input: object) =>
      Object.values((await client.query(document, { input })).data as Record<string, { userErrors: unknown }>)[0]!
        .userErrors
    const target = { functionName: 'held', name: 'live' }
    const update = 'mutation ($input: UpdateAliasInput!) { updateAlias(input: $input) { userErrors { code message } } }'
    const remove = 'mutation ($input: DeleteAliasInput!) { deleteAlias(input: $input) { userErrors { code message } } }'
    expect(await ask(update, { ...target, functionVersion: '2' })).toMatchObject(conflict)
    expect(await ask(remove, target)).toMatchObject(conflict)
    expect((await start('held')).userErrors).toMatchObject(conflict)
  })

  it.each([
    ['a version that is not there', { toVersion: '9' }, 'RESOURCE_NOT_FOUND'],
    ['$LATEST', { toVersion: '$LATEST' }, 'RESOURCE_NOT_FOUND'],
    ['the version it points to', { toVersion: '1' }, 'INVALID_PARAMETER_VALUE'],
    ['an alias that is not there', { aliasName: 'none' }, 'RESOURCE_NOT_FOUND'],
    ['no steps', { plan: { steps: [] } }, 'VALIDATION'],
  ])('is refused with %s', async (name, changes, code) => {
    const functionName = `refused-${name.replaceAll(/[^a-z]/gi, '')}`
    await create(functionName)
    expect((await start(functionName, changes)).userErrors).toMatchObject([{ code }])
  })

  it('is taken up behind the last event that somebody saw', async () => {
    await create('resumed')
    await start('resumed')
    const [started] = await events('resumed', 1)
    await client.query(STOP, { input: { functionName: 'resumed', aliasName: 'live' } })
    expect(await events('resumed', 1, started.cursor)).toMatchObject([{ type: 'STOPPED', weightPercent: 0 }])
  })

  it('is not lost with a node that is killed when it has just begun to look at it', async () => {
    await create('left')
    await start('left')
    const claim = (nowMs: number) =>
      service.database.pool.query({ ...claimShifts, values: [new Date(nowMs), new Date(nowMs + 1_000), 20] })
    const afterStepMs = clock.now() + 61_000
    expect((await claim(afterStepMs)).rows).toContainEqual(expect.objectContaining({ functionName: 'left' }))
    expect((await claim(afterStepMs)).rows).toEqual([])
    await clock.advance(62_000)
    await until('left', { shift: { step: 1, status: 'RUNNING' } })
  })

  it('does not wait for another one that cannot be moved on', async () => {
    await create('stuck')
    await create('free')
    await start('stuck')
    await start('free')
    const { pool } = service.database
    const id = `(SELECT id FROM function WHERE name = 'stuck')`
    // Steps that no shift was started with, as a fault of ours would leave them.
    await pool.query(`UPDATE alias_shift SET steps = '[null, {"weightPercent": 500}]' WHERE function_id = ${id}`)
    await clock.advance(61_000)
    await until('free', { shift: { step: 1 } })
    await pool.query(`UPDATE alias_shift SET status = 'STOPPED', ended_at = now() WHERE function_id = ${id}`)
  })

  it('does not take provisioned concurrency to a version that has its own', async () => {
    await create('provisioned')
    await putProvisioned(client, 'provisioned', 'live', 1)
    await putProvisioned(client, 'provisioned', '2', 1)
    expect((await start('provisioned')).userErrors).toMatchObject([
      { code: 'RESOURCE_CONFLICT', message: expect.stringMatching(/provisioned/i) },
    ])
    expect(await alias('provisioned')).toMatchObject({ functionVersion: '1', routingConfig: null, shift: null })
  })

  it('is moved on once for each step, whatever number of nodes look', async () => {
    await create('many-nodes')
    const { prisma, pool } = service.database
    const nodes = [1, 2, 3].map(() =>
      createAliasShifter({
        prisma,
        database: pool,
        wakeups: createWakeups(),
        clock,
        onError: (error) => expect.fail(String(error)),
      }),
    )
    for (const node of nodes) node.start()
    await start('many-nodes', { plan: { linear: { weightPercent: 20, everySeconds: 10 } } })
    for (let step = 0; step < 5; step += 1) {
      await clock.advance(11_000)
      await vi.waitFor(async () => {
        const { status, step: reached } = (await alias('many-nodes')).shift
        expect(status === 'COMPLETED' || reached === step + 1).toBe(true)
      }, 10_000)
    }
    await Promise.all(nodes.map((node) => node.stop()))
    const seen = await events('many-nodes', 5)
    expect(seen.map(({ type, weightPercent }) => `${type} ${weightPercent}`)).toEqual([
      'STARTED 20',
      'STEPPED 40',
      'STEPPED 60',
      'STEPPED 80',
      'COMPLETED 100',
    ])
  })
})
