import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type DrivenClock, drivenClock } from '../kit/drivenClock.ts'
import { type GraphqlClient, graphqlClient } from '../kit/graphqlClient.ts'
import { createNodeFunction, enqueue, invoke } from '../kit/invocationDocuments.ts'
import { startTestService, type TestService } from '../kit/testService.ts'

const CONFIG = 'functionArn maximumRetryAttempts maximumEventAgeInSeconds destinationConfig { onSuccess onFailure }'
const UPDATE = `mutation ($input: UpdateFunctionEventInvokeConfigInput!) {
  updateFunctionEventInvokeConfig(input: $input) { functionEventInvokeConfig { ${CONFIG} } userErrors { code message } }
}`
const PUT = `mutation ($input: PutFunctionEventInvokeConfigInput!) {
  putFunctionEventInvokeConfig(input: $input) { functionEventInvokeConfig { ${CONFIG} } userErrors { code message } }
}`
const DELETE = `mutation ($input: DeleteFunctionEventInvokeConfigInput!) {
  deleteFunctionEventInvokeConfig(input: $input) { functionArn userErrors { code message } }
}`
const READ = `query ($name: String!, $qualifier: String) {
  functionEventInvokeConfig(functionName: $name, qualifier: $qualifier) { ${CONFIG} }
}`
const ARN = 'arn:aws:lambda:us-east-1:100000000001:function'
const FAILS = 'export const handler = async () => { throw new Error("no") }'

let clock: DrivenClock
let service: TestService
let client: GraphqlClient

beforeAll(async () => {
  clock = drivenClock(Date.now())
  service = await startTestService({ clock })
  client = graphqlClient(service.url, service.token)
  await createNodeFunction(client, 'failing', FAILS, { publish: true })
})
afterAll(async () => {
  await client.close()
  await service[Symbol.asyncDispose]()
})

async function put(input: Readonly<Record<string, unknown>>) {
  const { data, errors } = await client.query(PUT, { input })
  expect(errors).toBeUndefined()
  return data.putFunctionEventInvokeConfig
}

const read = async (name: string, qualifier?: string) =>
  (await client.query(READ, { name, qualifier })).data.functionEventInvokeConfig

/** How many attempts an event has made when it is done. The time is moved on only while it waits for the next one. */
async function attemptsUntilFailed(id: string): Promise<number> {
  const ATTEMPTS = 'query ($id: String!) { invocation(requestId: $id) { status attempts { outcome } } }'
  return vi.waitFor(
    async () => {
      const { status, attempts } = (await client.query(ATTEMPTS, { id })).data.invocation
      if (status === 'QUEUED' && attempts.length > 0) await clock.advance(10_000)
      expect(status).toBe('FAILED')
      return attempts.length
    },
    { timeout: 20_000, interval: 20 },
  )
}

// Source: recorded facts 122 to 128 (LocalStack snapshot tests, Apache-2.0).
describe('an event invoke config', () => {
  it('names its function with the qualifier, is overwritten as a whole, and read with the defaults filled in', async () => {
    expect(await read('failing')).toBeNull()
    expect(
      (await put({ functionName: 'failing', maximumRetryAttempts: 1, maximumEventAgeInSeconds: 90 })).userErrors,
    ).toEqual([])
    await put({ functionName: 'failing', maximumRetryAttempts: 0 })
    const expected = {
      functionArn: `${ARN}:failing:$LATEST`,
      maximumRetryAttempts: 0,
      maximumEventAgeInSeconds: 21_600,
      destinationConfig: { onSuccess: null, onFailure: null },
    }
    expect(await read('failing')).toEqual(expected)
    expect(await read('failing', '1')).toBeNull()
  })

  it('of no retries ends an event with its first failure; that of a version counts for the version only', async () => {
    await put({ functionName: 'failing', maximumRetryAttempts: 0 })
    await put({ functionName: 'failing', qualifier: '1', maximumRetryAttempts: 1 })
    expect(await attemptsUntilFailed(await enqueue(client, 'failing'))).toBe(1)
    const { requestId } = await invoke(client, { functionName: 'failing', qualifier: '1', type: 'EVENT' })
    expect(await attemptsUntilFailed(requestId)).toBe(2)
  })

  it.each([
    [60, 1],
    [90, 2],
    [600, 3],
  ])('of %i seconds allows the attempts that begin within them: %i', async (maximumEventAgeInSeconds, attempts) => {
    await put({ functionName: 'failing', maximumEventAgeInSeconds })
    expect(await attemptsUntilFailed(await enqueue(client, 'failing'))).toBe(attempts)
  })

  it('is changed in parts by an update, where an empty destination is none; there must be one', async () => {
    const queue = 'arn:aws:sqs:us-east-1:100000000001:q'
    const update = async (input: Readonly<Record<string, unknown>>) =>
      (await client.query(UPDATE, { input })).data.updateFunctionEventInvokeConfig
    await put({
      functionName: 'failing',
      maximumRetryAttempts: 1,
      destinationConfig: { onFailure: { destination: queue } },
    })
    await update({ functionName: 'failing', maximumEventAgeInSeconds: 60 })
    expect(await read('failing')).toMatchObject({
      maximumRetryAttempts: 1,
      maximumEventAgeInSeconds: 60,
      destinationConfig: { onSuccess: null, onFailure: queue },
    })
    await update({ functionName: 'failing', destinationConfig: { onFailure: { destination: '' } } })
    expect(await read('failing')).toMatchObject({ destinationConfig: { onSuccess: null, onFailure: null } })
    const message = `The function ${ARN}:failing:7 doesn't have an EventInvokeConfig`
    await client.query(
      'mutation { createAlias(input: { functionName: "failing", name: "fresh", functionVersion: "1" }) { userErrors { code } } }',
    )
    expect(await update({ functionName: 'failing', qualifier: 'fresh', maximumRetryAttempts: 0 })).toEqual({
      functionEventInvokeConfig: null,
      userErrors: [{ code: 'RESOURCE_NOT_FOUND', message: message.replace(':7', ':fresh') }],
    })
  })

  it('is listed with those of the other qualifiers, in their order, page by page', async () => {
    await put({ functionName: 'failing', maximumRetryAttempts: 0 })
    await put({ functionName: 'failing', qualifier: '1', maximumRetryAttempts: 0 })
    const page = async (after: string | null) => {
      const document = `query ($after: String) { functionEventInvokeConfigs(functionName: "failing", first: 1, after: $after) {
        nodes { functionArn } pageInfo { endCursor hasNextPage } } }`
      return (await client.query(document, { after })).data.functionEventInvokeConfigs
    }
    const first = await page(null)
    const second = await page(first.pageInfo.endCursor)
    expect([...first.nodes, ...second.nodes].map(({ functionArn }: { functionArn: string }) => functionArn)).toEqual([
      `${ARN}:failing:$LATEST`,
      `${ARN}:failing:1`,
    ])
    expect(second.pageInfo.hasNextPage).toBe(false)
  })

  it('is gone after its deletion, and then there is none to delete', async () => {
    await put({ functionName: 'failing', maximumRetryAttempts: 0 })
    const remove = async (functionName: string) =>
      (await client.query(DELETE, { input: { functionName } })).data.deleteFunctionEventInvokeConfig
    expect(await remove('failing')).toEqual({ functionArn: `${ARN}:failing:$LATEST`, userErrors: [] })
    expect(await read('failing')).toBeNull()
    for (const name of ['failing', 'doesnotexist']) {
      const message = `The function ${ARN}:${name}:$LATEST doesn't have an EventInvokeConfig`
      expect(await remove(name)).toEqual({ functionArn: null, userErrors: [{ code: 'RESOURCE_NOT_FOUND', message }] })
    }
  })

  it('goes with its alias: another one of the same name begins with the defaults', async () => {
    const alias = { functionName: 'failing', name: 'live' }
    const create = () =>
      client.query('mutation ($input: CreateAliasInput!) { createAlias(input: $input) { userErrors { code } } }', {
        input: { ...alias, functionVersion: '1' },
      })
    await create()
    await put({ functionName: 'failing', qualifier: 'live', maximumRetryAttempts: 0 })
    expect(await read('failing', 'live')).toMatchObject({ maximumRetryAttempts: 0 })
    await client.query('mutation ($input: DeleteAliasInput!) { deleteAlias(input: $input) { userErrors { code } } }', {
      input: alias,
    })
    await create()
    expect(await read('failing', 'live')).toBeNull()
  })

  it.each([
    [
      { functionName: 'failing' },
      'INVALID_PARAMETER_VALUE',
      'You must specify at least one of error handling or destination setting.',
    ],
    [{ functionName: 'doesnotexist', maximumRetryAttempts: 1 }, 'RESOURCE_NOT_FOUND', "The function doesn't exist."],
    [
      { functionName: 'failing', qualifier: 'noalias', maximumRetryAttempts: 1 },
      'RESOURCE_NOT_FOUND',
      "The function doesn't exist.",
    ],
    [
      { functionName: 'failing:1', qualifier: '2', maximumRetryAttempts: 1 },
      'INVALID_PARAMETER_VALUE',
      'The derived qualifier from the function name does not match the specified qualifier.',
    ],
    [
      { functionName: 'failing', destinationConfig: { onSuccess: { destination: `${ARN}:failing` } } },
      'INVALID_PARAMETER_VALUE',
      "You can't specify the function as a destination for itself.",
    ],
    [
      { functionName: 'failing', destinationConfig: { onFailure: { destination: `${ARN}:doesnotexist` } } },
      'INVALID_PARAMETER_VALUE',
      `The destination ARN ${ARN}:doesnotexist is invalid.`,
    ],
    [
      {
        functionName: 'failing',
        destinationConfig: { onSuccess: { destination: 'arn:aws:iam::100000000001:user/x' } },
      },
      'INVALID_PARAMETER_VALUE',
      'The provided destination config DestinationConfig(onSuccess=OnSuccess(destination=arn:aws:iam::100000000001:user/x), onFailure=null) is invalid.',
    ],
    [
      { functionName: 'failing', maximumRetryAttempts: 3 },
      'VALIDATION',
      "1 validation error detected: Value '3' at 'maximumRetryAttempts' failed to satisfy constraint: Member must have value less than or equal to 2",
    ],
    [
      { functionName: 'failing', maximumEventAgeInSeconds: 59 },
      'VALIDATION',
      "1 validation error detected: Value '59' at 'maximumEventAgeInSeconds' failed to satisfy constraint: Member must have value greater than or equal to 60",
    ],
  ])('is refused for %j', async (input, code, message) => {
    expect(await put(input)).toEqual({ functionEventInvokeConfig: null, userErrors: [{ code, message }] })
  })
})
