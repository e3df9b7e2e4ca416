import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type GraphqlClient, graphqlClient } from '../kit/graphqlClient.ts'
import { createNodeFunction, enqueue, invoke } from '../kit/invocationDocuments.ts'
import { startTestService, type TestService } from '../kit/testService.ts'

const ARN = 'arn:aws:lambda:us-east-1:100000000001:function'
const PUT = `mutation ($input: PutFunctionEventInvokeConfigInput!) {
  putFunctionEventInvokeConfig(input: $input) { userErrors { code message } }
}`
const ALLOW = `mutation ($input: PutFunctionRecursionConfigInput!) {
  putFunctionRecursionConfig(input: $input) { function { recursiveLoop } userErrors { code message } }
}`
const COUNTS = `query ($name: String!) { invocations(filter: { functionName: $name }, first: 100) {
  nodes { status condition result }
} }`

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

/** Two functions, each of which is the other's destination. */
async function createLoop(one: string, other: string) {
  for (const name of [one, other]) await createNodeFunction(client, name, 'export const handler = async () => 1')
  for (const [functionName, target] of [
    [one, other],
    [other, one],
  ]) {
    const destinationConfig = { onSuccess: { destination: `${ARN}:${target}` } }
    const { data } = await client.query(PUT, { input: { functionName, destinationConfig } })
    expect(data.putFunctionEventInvokeConfig.userErrors).toEqual([])
  }
}

const invocationsOf = async (name: string) => (await client.query(COUNTS, { name })).data.invocations.nodes

describe('a chain of functions that invoke each other', () => {
  it('is stopped when it comes to a function for the seventeenth time, with the event among the dead letters', async () => {
    await createLoop('ping', 'pong')
    await enqueue(client, 'ping')
    const stopped = await vi.waitFor(
      async () => {
        const failed = (await invocationsOf('ping')).filter(({ status }: { status: string }) => status === 'FAILED')
        expect(failed).toHaveLength(1)
        return failed[0]
      },
      { timeout: 30_000, interval: 50 },
    )
    expect(stopped).toMatchObject({
      condition: 'RECURSIVE_INVOCATION',
      result: { errorType: 'RecursiveInvocationException', errorMessage: expect.stringMatching(/recursive loop/) },
    })
    expect(await invocationsOf('ping')).toHaveLength(17)
    expect(await invocationsOf('pong')).toHaveLength(16)
    const { data } = await client.query(
      '{ function(functionName: "ping") { recursiveLoop deadLetters { nodes { condition } } } }',
    )
    expect(data.function).toEqual({
      recursiveLoop: 'TERMINATE',
      deadLetters: { nodes: [{ condition: 'RECURSIVE_INVOCATION' }] },
    })
  })

  it('goes on where the function allows it', async () => {
    await createLoop('here', 'there')
    for (const functionName of ['here', 'there']) {
      const { data } = await client.query(ALLOW, { input: { functionName, recursiveLoop: 'ALLOW' } })
      expect(data.putFunctionRecursionConfig).toEqual({ function: { recursiveLoop: 'ALLOW' }, userErrors: [] })
    }
    await enqueue(client, 'here')
    await vi.waitFor(async () => expect((await invocationsOf('here')).length).toBeGreaterThan(20), {
      timeout: 30_000,
      interval: 50,
    })
    await client.query(
      'mutation { deleteFunctionEventInvokeConfig(input: { functionName: "here" }) { userErrors { code } } }',
    )
  })

  it('that calls synchronously with the trace header of each call gets an error instead of the seventeenth', async () => {
    const code = 'export const handler = async () => process.env._X_AMZN_TRACE_ID'
    await createNodeFunction(client, 'called', code)
    let traceHeader: string | null = null
    for (let call = 1; call <= 16; call += 1) {
      const { payload, userErrors } = await invoke(client, { functionName: 'called', traceHeader })
      expect(userErrors).toEqual([])
      traceHeader = payload
    }
    const { statusCode, userErrors } = await invoke(client, { functionName: 'called', traceHeader })
    expect({ statusCode, code: userErrors[0].code }).toEqual({ statusCode: null, code: 'RECURSIVE_INVOCATION' })
    expect((await invoke(client, { functionName: 'called' })).userErrors).toEqual([])
  })
})
