import { expect } from 'vitest'
import type { GraphqlClient } from './graphqlClient.ts'

const CREATE = `mutation ($input: CreateFunctionInput!) {
  createFunction(input: $input) { function { functionArn revisionId } userErrors { code message } }
}`

const INVOKE = `mutation ($input: InvokeInput!) {
  invoke(input: $input) {
    statusCode requestId executedVersion functionError payload payloadText logTail
    invocation { status type qualifier executedVersion functionError }
    userErrors { code message field ... on ThrottleError { reason limit retryAfterMs httpStatus } }
  }
}`

/** Creates a Node.js function of one file, an ES module. */
export async function createNodeFunction(
  client: GraphqlClient,
  functionName: string,
  code: string,
  changes: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const files = [{ path: 'index.mjs', content: code }]
  const input = { functionName, runtime: 'NODEJS20_X', handler: 'index.handler', code: { files }, ...changes }
  const { data } = await client.query(CREATE, { input })
  expect(data.createFunction.userErrors).toEqual([])
}

/** Invokes and gives the payload of the mutation. */
export async function invoke(client: GraphqlClient, input: Readonly<Record<string, unknown>>) {
  const { data, errors } = await client.query(INVOKE, { input })
  expect(errors).toBeUndefined()
  return data.invoke
}

/** Accepts an asynchronous invocation and gives its request id. */
export async function enqueue(client: GraphqlClient, functionName: string, payload: unknown = {}): Promise<string> {
  const { statusCode, requestId, userErrors } = await invoke(client, { functionName, type: 'EVENT', payload })
  expect({ statusCode, userErrors }).toEqual({ statusCode: 202, userErrors: [] })
  return requestId
}

const EVENTS = `subscription ($id: String!) {
  invocationEvents(invocationId: $id) { type attempt nextAttemptAt timestamp cursor }
}`

/** The events of an invocation from its first to its last. */
export async function eventsUntilDone(client: GraphqlClient, id: string) {
  const events = []
  for await (const { data } of client.subscribe(EVENTS, { id })) events.push(data.invocationEvents)
  return events
}
