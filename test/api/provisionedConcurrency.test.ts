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
    await mutate('updateFunctionConfiguration', { functionName, description: `for ${version}` })
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
