import { expect, vi } from 'vitest'
import type { GraphqlClient } from './graphqlClient.ts'

const CONFIG = 'functionArn qualifier requested allocated available status statusReason lastModified'

/** Puts provisioned concurrency on a version or alias and gives the payload of the mutation. */
export async function putProvisioned(
  client: GraphqlClient,
  functionName: string,
  qualifier: string,
  provisionedConcurrentExecutions: number,
) {
  const { data, errors } = await client.query(
    `mutation ($input: PutProvisionedConcurrencyConfigInput!) {
      putProvisionedConcurrencyConfig(input: $input) {
        provisionedConcurrencyConfig { ${CONFIG} } userErrors { code message field }
      }
    }`,
    { input: { functionName, qualifier, provisionedConcurrentExecutions } },
  )
  expect(errors).toBeUndefined()
  return data.putProvisionedConcurrencyConfig
}

/** Takes it away and gives the payload of the mutation. */
export async function deleteProvisioned(client: GraphqlClient, functionName: string, qualifier: string) {
  const { data, errors } = await client.query(
    `mutation ($input: DeleteProvisionedConcurrencyConfigInput!) {
      deleteProvisionedConcurrencyConfig(input: $input) { functionArn userErrors { code message field } }
    }`,
    { input: { functionName, qualifier } },
  )
  expect(errors).toBeUndefined()
  return data.deleteProvisionedConcurrencyConfig
}

/** The configs of a function, by qualifier. */
export async function provisionedConfigs(client: GraphqlClient, functionName: string) {
  const { data, errors } = await client.query(
    `query ($f: String!) { function(functionName: $f) { provisionedConcurrencyConfigs { nodes { ${CONFIG} } } } }`,
    { f: functionName },
  )
  expect(errors).toBeUndefined()
  const nodes: { readonly qualifier: string }[] = data.function.provisionedConcurrencyConfigs.nodes
  return Object.fromEntries(nodes.map((node) => [node.qualifier, node]))
}

/** Waits until a config has a status, and perhaps so many available. */
export async function untilProvisioned(
  client: GraphqlClient,
  functionName: string,
  qualifier: string,
  expected: Readonly<Record<string, unknown>> = { status: 'READY' },
) {
  await vi.waitFor(
    async () => expect((await provisionedConfigs(client, functionName))[qualifier]).toMatchObject(expected),
    { timeout: 20_000, interval: 50 },
  )
}
