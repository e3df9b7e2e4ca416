import { buffer } from 'node:stream/consumers'
import { ZipFile } from 'yazl'
import type { GraphqlClient } from '../../kit/graphqlClient.ts'
import type { Language } from './languages.ts'

/** Gives back what it is given. */
export const ECHO = 'export const handler = async (event) => event'

const CREATE = `mutation ($input: CreateFunctionInput!) {
  createFunction(input: $input) { userErrors { code message } }
}`
const INVOKE = `mutation ($input: InvokeInput!) {
  invoke(input: $input) { statusCode payload functionError userErrors { code message } }
}`
const REMOVE = `mutation ($input: DeleteFunctionInput!) {
  deleteFunction(input: $input) { userErrors { code message } }
}`
const HOLD_BACK = `mutation ($input: PutFunctionConcurrencyInput!) {
  putFunctionConcurrency(input: $input) { userErrors { code message } }
}`
const PUBLISH = `mutation ($input: PublishVersionInput!) {
  publishVersion(input: $input) { userErrors { code message } }
}`
const PROVISION = `mutation ($input: PutProvisionedConcurrencyConfigInput!) {
  putProvisionedConcurrencyConfig(input: $input) { userErrors { code message } }
}`
const PROVISIONED = `query ($functionName: String!) {
  function(functionName: $functionName) { provisionedConcurrencyConfigs { nodes { status } } }
}`

type Input = Readonly<Record<string, unknown>>

/** Creates a Node.js function of one file, an ES module. Throws where it is refused. */
export function deploy(
  client: GraphqlClient,
  functionName: string,
  content: string,
  changes: Input = {},
): Promise<void> {
  const code = { files: [{ path: 'index.mjs', content }] }
  return mutate(client, CREATE, { functionName, runtime: 'NODEJS20_X', handler: 'index.handler', code, ...changes })
}

/** Creates the smallest function of a language. Throws where it is refused. */
export async function deployLanguage(client: GraphqlClient, functionName: string, language: Language): Promise<void> {
  const { runtime, handler, memoryMiB, files } = language
  const zip = new ZipFile()
  for (const [path, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), path, { mode: 0o100755 })
  zip.end()
  const zipFile = (await buffer(zip.outputStream)).toString('base64')
  await mutate(client, CREATE, { functionName, runtime, handler, memoryMiB, code: { zipFile } })
}

/** Invokes and answers how long that took, in milliseconds. Throws unless the function succeeded. */
export async function invokeTimed(client: GraphqlClient, functionName: string, qualifier?: string): Promise<number> {
  const input = { functionName, payload: {}, ...(qualifier === undefined ? {} : { qualifier }) }
  const beganMs = performance.now()
  const { data, errors } = await client.query(INVOKE, { input })
  const tookMs = performance.now() - beganMs
  if (data?.invoke.statusCode !== 200 || data.invoke.functionError !== null) {
    throw new Error(`${functionName} did not succeed: ${JSON.stringify(data ?? errors)}`)
  }
  return tookMs
}

/** Deletes a function, and with it its environments. */
export function remove(client: GraphqlClient, functionName: string): Promise<void> {
  return mutate(client, REMOVE, { functionName })
}

/** Has a function not run: what is accepted for it waits. */
export function holdBack(client: GraphqlClient, functionName: string): Promise<void> {
  return mutate(client, HOLD_BACK, { functionName, reservedConcurrentExecutions: 0 })
}

/** Publishes version 1 and asks for one environment of it, started ahead. */
export async function provision(client: GraphqlClient, functionName: string): Promise<void> {
  await mutate(client, PUBLISH, { functionName })
  await mutate(client, PROVISION, { functionName, qualifier: '1', provisionedConcurrentExecutions: 1 })
}

/** Whether the environment that was asked for is there. */
export async function isProvisioned(client: GraphqlClient, functionName: string): Promise<boolean> {
  const { data } = await client.query(PROVISIONED, { functionName })
  return data.function.provisionedConcurrencyConfigs.nodes[0]?.status === 'READY'
}

async function mutate(client: GraphqlClient, mutation: string, input: Input): Promise<void> {
  const { data, errors } = await client.query(mutation, { input })
  const [payload] = Object.values(data ?? {}) as [{ userErrors: unknown[] }?]
  const refusals = payload?.userErrors ?? errors ?? []
  if (refusals.length > 0)
    throw new Error(`${JSON.stringify(input).slice(0, 200)} was refused: ${JSON.stringify(refusals)}`)
}
