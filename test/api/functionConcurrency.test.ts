import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type GraphqlClient, graphqlClient } from '../kit/graphqlClient.ts'
import { createNodeFunction, invoke } from '../kit/invocationDocuments.ts'
import { startTestService, type TestService } from '../kit/testService.ts'

const PUT = `mutation ($input: PutFunctionConcurrencyInput!) {
  putFunctionConcurrency(input: $input) { function { reservedConcurrentExecutions revisionId } userErrors { code message field } }
}`

let service: TestService
let client: GraphqlClient

beforeAll(async () => {
  service = await startTestService()
  client = graphqlClient(service.url, service.token)
  await createNodeFunction(client, 'busy', 'export const handler = async () => new Promise((r) => setTimeout(r, 700))')
  await createNodeFunction(client, 'other', 'export const handler = async () => "ran"')
})
afterAll(async () => {
  await client.close()
  await service[Symbol.asyncDispose]()
})

async function put(functionName: string, reservedConcurrentExecutions: number) {
  const { data, errors } = await client.query(PUT, { input: { functionName, reservedConcurrentExecutions } })
  expect(errors).toBeUndefined()
  return data.putFunctionConcurrency
}

const ARN = 'arn:aws:lambda:us-east-1:100000000001:function'
const TOO_MUCH =
  "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100]."

describe('reserved concurrency', () => {
  it('caps its function, at once, and leaves the others alone', async () => {
    expect(await put('busy', 1)).toMatchObject({ function: { reservedConcurrentExecutions: 1 }, userErrors: [] })
    const [first, second, other] = await Promise.all(
      ['busy', 'busy', 'other'].map((name) => invoke(client, { functionName: name })),
    )
    const refused = [first, second].filter(({ userErrors }) => userErrors.length > 0)
    expect(refused).toHaveLength(1)
    expect(refused[0].userErrors).toMatchObject([
      {
        code: 'TOO_MANY_REQUESTS',
        message: 'Rate Exceeded.',
        reason: 'RESERVED_FUNCTION_CONCURRENT_INVOCATION_LIMIT_EXCEEDED',
        limit: 1,
      },
    ])
    expect(other.payload).toBe('ran')
  })

  it('of 0 turns the function off, and taking it away turns it on', async () => {
    await put('other', 0)
    expect((await invoke(client, { functionName: 'other' })).userErrors).toMatchObject([
      { code: 'TOO_MANY_REQUESTS', limit: 0 },
    ])
    const { data } = await client.query(
      'mutation { deleteFunctionConcurrency(input: { functionName: "other" }) { function { reservedConcurrentExecutions } userErrors { code } } }',
    )
    expect(data.deleteFunctionConcurrency).toEqual({ function: { reservedConcurrentExecutions: null }, userErrors: [] })
    expect((await invoke(client, { functionName: 'other' })).payload).toBe('ran')
  })

  it('leaves at least 100 unreserved, also when two functions ask at the same moment', async () => {
    expect((await put('busy', 901)).userErrors).toMatchObject([{ code: 'INVALID_PARAMETER_VALUE', message: TOO_MUCH }])
    const answers = await Promise.all([put('busy', 500), put('other', 500)])
    expect(answers.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1)
  })

  it('is no part of the configuration: the revision stays', async () => {
    const before = await put('busy', 2)
    expect((await put('busy', 3)).function.revisionId).toBe(before.function.revisionId)
  })

  // Source: recorded facts 108 and 109 (LocalStack snapshot tests, Apache-2.0).
  it.each([
    ['nobody', 1, 'RESOURCE_NOT_FOUND', `Function not found: ${ARN}:nobody:$LATEST`],
    [
      'busy:1',
      1,
      'INVALID_PARAMETER_VALUE',
      'This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please specify either a function name or an unqualified function ARN.',
    ],
    [
      'busy',
      -1,
      'VALIDATION',
      "1 validation error detected: Value '-1' at 'reservedConcurrentExecutions' failed to satisfy constraint: Member must have value greater than or equal to 0",
    ],
  ])('of %s, %i is refused', async (functionName, share, code, message) => {
    expect((await put(functionName, share)).userErrors).toMatchObject([{ code, message }])
  })
})
