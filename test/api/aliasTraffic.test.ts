import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type GraphqlClient, graphqlClient } from '../kit/graphqlClient.ts'
import { createNodeFunction, invoke } from '../kit/invocationDocuments.ts'
import { startTestService, type TestService } from '../kit/testService.ts'

const UPDATE_CODE = `mutation ($input: UpdateFunctionCodeInput!) {
  updateFunctionCode(input: $input) { version { version } userErrors { message } }
}`
const CREATE_ALIAS =
  'mutation ($input: CreateAliasInput!) { createAlias(input: $input) { alias { name } userErrors { message } } }'
const UPDATE_ALIAS =
  'mutation ($input: UpdateAliasInput!) { updateAlias(input: $input) { alias { functionVersion } userErrors { message } } }'
const COLD = 'query ($id: String!) { invocation(requestId: $id) { attempts { isColdStart executedVersion } } }'

let service: TestService
let client: GraphqlClient

beforeAll(async () => {
  service = await startTestService()
  client = graphqlClient(service.url, service.token)
  await createNodeFunction(client, 'shop', 'export const handler = async () => "old"', { publish: true })
  await client.query(UPDATE_CODE, {
    input: {
      functionName: 'shop',
      publish: true,
      code: { files: [{ path: 'index.mjs', content: 'export const handler = async () => "new"' }] },
    },
  })
  await client.query(CREATE_ALIAS, { input: { functionName: 'shop', name: 'live', functionVersion: '1' } })
})
afterAll(async () => {
  await client.close()
  await service[Symbol.asyncDispose]()
})

async function route(weight: number | null): Promise<void> {
  const additionalVersionWeights = weight === null ? [] : [{ version: '2', weight }]
  const input = {
    functionName: 'shop',
    name: 'live',
    functionVersion: '1',
    routingConfig: { additionalVersionWeights },
  }
  const { data } = await client.query(UPDATE_ALIAS, { input })
  expect(data.updateAlias.userErrors).toEqual([])
}

async function call() {
  const { requestId, executedVersion, payload } = await invoke(client, { functionName: 'shop', qualifier: 'live' })
  const { data } = await client.query(COLD, { id: requestId })
  const [attempt] = data.invocation.attempts
  expect(attempt.executedVersion).toBe(executedVersion)
  return { executedVersion, payload, isColdStart: attempt.isColdStart as boolean }
}

/** Of one degree of freedom, exceeded by chance once in a million runs. */
const CHI_SQUARED_BOUND = 23.93

describe('an alias with a weight', () => {
  it('splits its invocations by it, and says which version ran', async () => {
    const [weight, count] = [0.3, 400]
    await route(weight)
    let second = 0
    for (let started = 0; started < count; started += 8) {
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => invoke(client, { functionName: 'shop', qualifier: 'live' })),
      )
      for (const { executedVersion, payload } of answers) {
        expect(payload).toBe(executedVersion === '2' ? 'new' : 'old')
        if (executedVersion === '2') second += 1
      }
    }
    const expected = weight * count
    const chiSquared = (second - expected) ** 2 / expected + (second - expected) ** 2 / (count - expected)
    expect(chiSquared).toBeLessThan(CHI_SQUARED_BOUND)
  })

  it('shifts back with the next invocation, to environments that are still warm', async () => {
    await route(null)
    expect(await call()).toMatchObject({ executedVersion: '1', payload: 'old' })
    await route(1)
    expect(await call()).toMatchObject({ executedVersion: '2', payload: 'new' })
    await route(null)
    expect(await call()).toEqual({ executedVersion: '1', payload: 'old', isColdStart: false })
  })
})
