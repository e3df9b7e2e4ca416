import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type GraphqlClient, graphqlClient } from '../kit/graphqlClient.ts'
import { createNodeFunction, invoke } from '../kit/invocationDocuments.ts'
import { deleteProvisioned, provisionedConfigs, putProvisioned, untilProvisioned } from '../kit/provisionedDocuments.ts'
import { startTestService, type TestService } from '../kit/testService.ts'

const ARN = 'arn:aws:lambda:us-east-1:100000000001:function'
const SAYS_TYPE = `
const initializationType = process.env.AWS_LAMBDA_INITIALIZATION_TYPE
export const handler = async ({ waitMs = 0 }) => {
  await new Promise((resolve) => setTimeout(resolve, waitMs))
  return initializationType
}`

let service: TestService
let client: GraphqlClient

beforeAll(async () => {
  service = await startTestService()
  client = graphqlClient(service.url, service.token)
})
afterAll(async () => {
  await client.close()
  await service[Symbol.asyncDispose]()
})

async function mutate(field: string, input: object, selection = '') {
  const type = `${field[0]!.toUpperCase()}${field.slice(1)}Input!`
  const document = `mutation ($input: ${type}) { ${field}(input: $input) { ${selection} userErrors { code message } } }`
  const { data, errors } = await client.query(document, { input })
  expect(errors).toBeUndefined()
  return data[field]
}

const createAlias = (functionName: string, name: string, functionVersion: string) =>
  mutate('createAlias', { functionName, name, functionVersion })
const reserve = (functionName: string, reservedConcurrentExecutions: number) =>
  mutate('putFunctionConcurrency', { functionName, reservedConcurrentExecutions })

/** A function with published versions 1 to `versions`. */
async function published(functionName: string, versions = 1, code = SAYS_TYPE): Promise<void> {
  await createNodeFunction(client, functionName, code, { publish: true })
  for (let version = 2; version <= versions; version += 1) {
    await mutate('updateFunctionConfiguration', { functionName, timeoutSeconds: 3 + version })
    await mutate('publishVersion', { functionName })
  }
}

async function attemptOf(requestId: string) {
  const { data } = await client.query(
    'query ($id: String!) { invocation(requestId: $id) { attempts { isProvisioned isColdStart initDurationMs } } }',
    { id: requestId },
  )
  return data.invocation.attempts[0]
}

describe('provisioned concurrency', () => {
  it('is there at the first call of its version, and what comes at the same time runs on demand', async () => {
    await published('ahead')
    // Source: recorded facts 118 (LocalStack snapshot tests, Apache-2.0).
    const { provisionedConcurrencyConfig, userErrors } = await putProvisioned(client, 'ahead', '1', 2)
    expect({ provisionedConcurrencyConfig, userErrors }).toMatchObject({
      provisionedConcurrencyConfig: {
        functionArn: `${ARN}:ahead:1`,
        requested: 2,
        allocated: 0,
        available: 0,
        status: 'IN_PROGRESS',
        statusReason: null,
      },
      userErrors: [],
    })
    await untilProvisioned(client, 'ahead', '1', { status: 'READY', requested: 2, allocated: 2, available: 2 })
    const input = { functionName: 'ahead', qualifier: '1', payload: { waitMs: 700 } }
    const answers = await Promise.all([input, input, input].map((each) => invoke(client, each)))
    expect(answers.map(({ payload }) => payload).sort()).toEqual([
      'on-demand',
      'provisioned-concurrency',
      'provisioned-concurrency',
    ])
    for (const { payload, requestId } of answers) {
      expect(await attemptOf(requestId)).toEqual(
        payload === 'on-demand'
          ? { isProvisioned: false, isColdStart: true, initDurationMs: expect.any(Number) }
          : { isProvisioned: true, isColdStart: false, initDurationMs: null },
      )
    }
  })
})

// Source: recorded facts 111 to 113, 116 and 118 to 120 (LocalStack snapshot tests, Apache-2.0).
describe('what AWS refuses', () => {
  beforeAll(async () => {
    await published('refused')
    await createAlias('refused', 'latest', '$LATEST')
  })

  const ALIAS_MISSING = (name: string) => `Cannot find alias arn: ${ARN}:${name}`
  const VERSION_MISSING = (name: string) => `Function not found: ${ARN}:${name}`

  it.each([
    [
      'refused',
      '$LATEST',
      'INVALID_PARAMETER_VALUE',
      'Provisioned Concurrency Configs cannot be applied to unpublished function versions.',
    ],
    [
      'refused',
      'latest',
      'INVALID_PARAMETER_VALUE',
      'Provisioned Concurrency Configs cannot be applied to unpublished function versions.',
    ],
    ['refused', 'doesnotexist', 'RESOURCE_NOT_FOUND', ALIAS_MISSING('refused:doesnotexist')],
    ['refused', '10', 'RESOURCE_NOT_FOUND', VERSION_MISSING('refused:10')],
    ['doesnotexist', 'noalias', 'RESOURCE_NOT_FOUND', ALIAS_MISSING('doesnotexist:noalias')],
    ['doesnotexist', '1', 'RESOURCE_NOT_FOUND', VERSION_MISSING('doesnotexist:1')],
  ])('a config on %s, %s', async (functionName, qualifier, code, message) => {
    const { provisionedConcurrencyConfig, userErrors } = await putProvisioned(client, functionName, qualifier, 1)
    expect(userErrors).toMatchObject([{ code, message }])
    expect(provisionedConcurrencyConfig).toBeNull()
  })

  it.each([
    [
      'refused',
      '$LATEST',
      'INVALID_PARAMETER_VALUE',
      'The function resource provided must be an alias or a published version.',
    ],
    ['refused', 'noalias', 'RESOURCE_NOT_FOUND', ALIAS_MISSING('refused:noalias')],
    ['refused', '10', 'RESOURCE_NOT_FOUND', VERSION_MISSING('refused:10')],
    ['doesnotexist', 'noalias', 'RESOURCE_NOT_FOUND', ALIAS_MISSING('doesnotexist:noalias')],
    ['doesnotexist', '1', 'RESOURCE_NOT_FOUND', VERSION_MISSING('doesnotexist:1')],
  ])('to take away what is on %s, %s', async (functionName, qualifier, code, message) => {
    const { functionArn, userErrors } = await deleteProvisioned(client, functionName, qualifier)
    expect(userErrors).toMatchObject([{ code, message }])
    expect(functionArn).toBeNull()
  })

  it('none at all', async () => {
    expect((await putProvisioned(client, 'refused', '1', 0)).userErrors).toEqual([
      {
        code: 'VALIDATION',
        message:
          "1 validation error detected: Value '0' at 'provisionedConcurrentExecutions' failed to satisfy constraint: Member must have value greater than or equal to 1",
        field: ['input', 'provisionedConcurrentExecutions'],
      },
    ])
  })

  it('more than is unreserved, or so much that less than 100 are left', async () => {
    const greater = await putProvisioned(client, 'refused', '1', 1001)
    expect(greater.userErrors).toMatchObject([
      {
        code: 'INVALID_PARAMETER_VALUE',
        message: expect.stringMatching(
          /^Specified ConcurrentExecutions for function is greater than account's unreserved concurrency \[\d+\]\.$/,
        ),
      },
    ])
    const [, unreserved] = /\[(\d+)\]/.exec(greater.userErrors[0].message)!
    const below = await putProvisioned(client, 'refused', '1', Number(unreserved) - 99)
    expect(below.userErrors).toMatchObject([
      {
        code: 'INVALID_PARAMETER_VALUE',
        message:
          "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].",
      },
    ])
  })

  it('a reservation below what is provisioned, and provisioning above what is reserved', async () => {
    await published('overlap')
    await putProvisioned(client, 'overlap', '1', 2)
    expect((await reserve('overlap', 1)).userErrors).toEqual([
      {
        code: 'INVALID_PARAMETER_VALUE',
        message:
          " ReservedConcurrentExecutions  1 should not be lower than function's total provisioned concurrency [2].",
      },
    ])
    expect((await reserve('overlap', 2)).userErrors).toEqual([])
    expect((await putProvisioned(client, 'overlap', '1', 3)).userErrors).toMatchObject([
      {
        code: 'INVALID_PARAMETER_VALUE',
        message:
          'Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function',
      },
    ])
    expect((await putProvisioned(client, 'overlap', '1', 1)).userErrors).toEqual([])
  })

  it('a config on both an alias and its version', async () => {
    await published('sides', 2)
    await createAlias('sides', 'one', '1')
    await createAlias('sides', 'two', '2')
    await putProvisioned(client, 'sides', '1', 1)
    const onAlias = {
      code: 'RESOURCE_CONFLICT',
      message: "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version",
    }
    expect((await putProvisioned(client, 'sides', 'one', 1)).userErrors).toMatchObject([onAlias])
    await putProvisioned(client, 'sides', 'two', 1)
    expect((await putProvisioned(client, 'sides', '2', 1)).userErrors).toMatchObject([
      { code: 'RESOURCE_CONFLICT', message: 'Version is pointed by a Provisioned Concurrency alias' },
    ])
    const moved = await mutate('updateAlias', { functionName: 'sides', name: 'two', functionVersion: '1' })
    expect(moved.userErrors).toEqual([onAlias])
  })
})

describe('a config', () => {
  it('is what $LATEST is throttled for, when the whole reservation is provisioned and in use', async () => {
    await published('blocked')
    await reserve('blocked', 1)
    await putProvisioned(client, 'blocked', '1', 1)
    await untilProvisioned(client, 'blocked', '1')
    const running = invoke(client, { functionName: 'blocked', qualifier: '1', payload: { waitMs: 1_000 } })
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect((await invoke(client, { functionName: 'blocked' })).userErrors).toMatchObject([
      { code: 'TOO_MANY_REQUESTS' },
    ])
    expect((await running).payload).toBe('provisioned-concurrency')
  })

  it('fails when the code cannot be loaded', async () => {
    await published('broken', 1, 'throw new Error("no")')
    await putProvisioned(client, 'broken', '1', 1)
    await untilProvisioned(client, 'broken', '1', {
      status: 'FAILED',
      statusReason: 'FUNCTION_ERROR_INIT_FAILURE',
      requested: 1,
      allocated: 0,
      available: 0,
    })
  })

  it('is raised and lowered, and taken away once and again', async () => {
    await published('sized')
    await putProvisioned(client, 'sized', '1', 1)
    await untilProvisioned(client, 'sized', '1')
    const raised = await putProvisioned(client, 'sized', '1', 2)
    expect(raised.provisionedConcurrencyConfig).toMatchObject({ requested: 2, allocated: 1, status: 'IN_PROGRESS' })
    await untilProvisioned(client, 'sized', '1', { status: 'READY', available: 2 })
    await putProvisioned(client, 'sized', '1', 1)
    await untilProvisioned(client, 'sized', '1', { status: 'READY', allocated: 1, available: 1 })
    for (const _time of [1, 2]) {
      expect(await deleteProvisioned(client, 'sized', '1')).toEqual({ functionArn: `${ARN}:sized:1`, userErrors: [] })
    }
    expect(await provisionedConfigs(client, 'sized')).toEqual({})
    const { requestId, payload } = await invoke(client, { functionName: 'sized', qualifier: '1' })
    expect([payload, (await attemptOf(requestId)).isProvisioned]).toEqual(['on-demand', false])
    const { rows } = await service.database.pool.query(
      "SELECT environments, ended_at IS NULL AS is_open FROM provisioned_period WHERE function_name = 'sized' ORDER BY started_at",
    )
    expect(rows).toEqual([1, 2, 1].map((environments) => ({ environments, is_open: false })))
  })

  it('of an alias follows it to another version, is read there, and goes with it', async () => {
    await published('moving', 2)
    await createAlias('moving', 'live', '1')
    await putProvisioned(client, 'moving', 'live', 1)
    await untilProvisioned(client, 'moving', 'live')
    const { requestId } = await invoke(client, { functionName: 'moving', qualifier: 'live' })
    expect(await attemptOf(requestId)).toMatchObject({ isProvisioned: true })
    await mutate('updateAlias', { functionName: 'moving', name: 'live', functionVersion: '2' })
    const periods = () =>
      service.database.pool
        .query(
          "SELECT version_number, ended_at IS NULL AS is_open FROM provisioned_period WHERE function_name = 'moving' ORDER BY 1",
        )
        .then(({ rows }) => rows)
    await expect.poll(periods, { timeout: 10_000 }).toEqual([
      { version_number: 1, is_open: false },
      { version_number: 2, is_open: true },
    ])
    const { data } = await client.query(`{ function(functionName: "moving") {
      alias(name: "live") { provisionedConcurrencyConfig { qualifier requested status } }
      versionConfiguration(version: "2") { provisionedConcurrencyConfig { qualifier } }
    } }`)
    expect(data.function).toEqual({
      alias: { provisionedConcurrencyConfig: { qualifier: 'live', requested: 1, status: 'READY' } },
      versionConfiguration: { provisionedConcurrencyConfig: null },
    })
    await mutate('deleteAlias', { functionName: 'moving', name: 'live' })
    expect(await provisionedConfigs(client, 'moving')).toEqual({})
    expect((await periods()).filter(({ is_open }) => is_open)).toEqual([])
  })

  it('of a weighted alias is parted between its versions, and one of two aliases adds to the other', async () => {
    await published('parted', 2)
    await createAlias('parted', 'canary', '1')
    await mutate('updateAlias', {
      functionName: 'parted',
      name: 'canary',
      routingConfig: { additionalVersionWeights: [{ version: '2', weight: 0.5 }] },
    })
    await createAlias('parted', 'stable', '1')
    await putProvisioned(client, 'parted', 'canary', 2)
    await putProvisioned(client, 'parted', 'stable', 1)
    await untilProvisioned(client, 'parted', 'canary', { status: 'READY', allocated: 2 })
    await untilProvisioned(client, 'parted', 'stable', { status: 'READY', allocated: 1 })
    const { rows } = await service.database.pool.query(
      "SELECT qualifier, version_number, environments FROM provisioned_period WHERE function_name = 'parted' AND ended_at IS NULL ORDER BY 1, 2",
    )
    expect(rows).toEqual([
      { qualifier: 'canary', version_number: 1, environments: 1 },
      { qualifier: 'canary', version_number: 2, environments: 1 },
      { qualifier: 'stable', version_number: 1, environments: 1 },
    ])
  })

  it('goes with its version and with its function, and ends what is billed', async () => {
    await published('going', 2)
    await putProvisioned(client, 'going', '1', 1)
    await putProvisioned(client, 'going', '2', 1)
    await untilProvisioned(client, 'going', '1')
    await untilProvisioned(client, 'going', '2')
    await mutate('deleteFunction', { functionName: 'going', qualifier: '1' })
    expect(Object.keys(await provisionedConfigs(client, 'going'))).toEqual(['2'])
    await mutate('deleteFunction', { functionName: 'going' })
    const { rows } = await service.database.pool.query(
      "SELECT ended_at IS NULL AS is_open FROM provisioned_period WHERE function_name = 'going'",
    )
    expect(rows).toEqual([{ is_open: false }, { is_open: false }])
  })
})
