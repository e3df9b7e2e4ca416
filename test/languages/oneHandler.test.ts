import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findInterpreter } from '../../src/environments/interpreters.ts'
import { zipBytes } from '../functions/codePackage/zipBytes.ts'
import { type BuiltPackage, buildGo } from '../kit/customRuntimes.ts'
import { buildDotnet } from '../kit/dotnetPackages.ts'
import { type GraphqlClient, graphqlClient } from '../kit/graphqlClient.ts'
import { invoke } from '../kit/invocationDocuments.ts'
import { buildJava } from '../kit/javaPackages.ts'
import { temporaryFolder } from '../kit/temporaryFolder.ts'
import { startTestService, type TestService } from '../kit/testService.ts'

// One handler, written in five languages, deployed with one document: only runtime, handler and code are others.

const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'languages')
const DEPLOY = `mutation ($runtime: Runtime!, $handler: String!, $zipFile: String!) {
  createFunction(input: {
    functionName: "orders", runtime: $runtime, handler: $handler, code: { zipFile: $zipFile }
    memoryMiB: 256, timeoutSeconds: 10, environment: [{ name: "CURRENCY", value: "EUR" }]
  }) { function { functionArn } userErrors { code message } }
}`
const WRAPPER = '#!/bin/sh\nCURRENCY=CHF exec "$@"\n'
const WRAP = `mutation ($zipFile: String!) {
  publishLayerVersion(input: { layerName: "wrapper", content: { zipFile: $zipFile } }) {
    layerVersion { layerVersionArn }
  }
}`
const USE_LAYER = `mutation ($layers: [String!]) {
  updateFunctionConfiguration(input: {
    functionName: "orders", layers: $layers
    environment: [{ name: "CURRENCY", value: "EUR" }, { name: "AWS_LAMBDA_EXEC_WRAPPER", value: "/opt/wrapper" }]
  }) { userErrors { code message } }
}`
const REMOVE = 'mutation { deleteFunction(input: { functionName: "orders" }) { userErrors { message } } }'

const EVENT = {
  customer: 'Åsa "the quick" 😀',
  lines: [
    { name: 'tea', count: 3, cents: 450 },
    { name: 'crème', count: 1, cents: 4_000_000_000 },
    { name: 'biscuits', count: 12, cents: 5 },
  ],
}
const RESULT = {
  message: 'Thank you, Åsa "the quick" 😀',
  totalCents: 4_000_001_410,
  names: ['BISCUITS', 'CRÈME', 'TEA'],
  currency: 'EUR',
  function: 'orders',
}

const folder = temporaryFolder()
const inFolder = (name: string) => {
  mkdirSync(join(folder.path, name))
  return join(folder.path, name)
}
const script = (name: string): BuiltPackage => ({ files: { [name]: readFileSync(join(FIXTURES, name), 'utf8') } })

const [python, jdk, dotnet] = await Promise.all(
  (['python3.11', 'java17', 'dotnet8'] as const).map((runtime) => findInterpreter(runtime, '')),
)
const [go, java, csharp] = await Promise.all([
  buildGo(inFolder('go'), join(FIXTURES, 'go')),
  buildJava(jdk!, inFolder('java'), join(FIXTURES, 'java', 'shop')),
  buildDotnet(dotnet!, inFolder('dotnet'), [join(FIXTURES, 'dotnet', 'Orders.cs')]),
])
const LANGUAGES: readonly (readonly [string, string, string, BuiltPackage])[] = [
  ['Node.js', 'NODEJS20_X', 'index.handler', script('index.mjs')],
  ['Python', 'PYTHON3_11', 'index.handler', python === null ? { missing: 'no Python 3.11' } : script('index.py')],
  ['Java', 'JAVA17', 'shop.Orders', java],
  ['Go', 'PROVIDED_AL2023', 'bootstrap', go],
  ['C#', 'DOTNET8', 'Function::Shop.Orders::Handle', csharp],
]

let service: TestService
let client: GraphqlClient
beforeAll(async () => {
  service = await startTestService()
  client = graphqlClient(service.url, service.token)
})
afterAll(async () => {
  await client.close()
  await service[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

function zipped(built: BuiltPackage): string {
  const files = 'files' in built ? Object.entries(built.files) : []
  const entries = files.map(([name, content]) => ({ name, content, mode: 0o100755, deflate: true }))
  return zipBytes(entries).toString('base64')
}

async function deploy(runtime: string, handler: string, built: BuiltPackage): Promise<void> {
  const { data } = await client.query(DEPLOY, { runtime, handler, zipFile: zipped(built) })
  expect(data.createFunction.userErrors).toEqual([])
}

for (const [language, runtime, handler, built] of LANGUAGES) {
  const title = 'missing' in built ? `${language} (skipped: ${built.missing})` : language
  describe.skipIf('missing' in built)(title, () => {
    beforeAll(() => deploy(runtime, handler, built))
    afterAll(() => client.query(REMOVE, {}))

    it('answers the same event with the same result, cold and warm, and logs the same', async () => {
      for (const isCold of [true, false]) {
        const answer = await invoke(client, { functionName: 'orders', payload: EVENT, logTail: true })
        expect(answer).toMatchObject({ payload: RESULT, functionError: null, userErrors: [] })
        expect(answer.logTail).toContain(`order of ${EVENT.customer}\n`)
        expect(answer.logTail.includes('Init Duration')).toBe(isCold)
      }
    })

    it('fails with the same message', async () => {
      const answer = await invoke(client, { functionName: 'orders', payload: { ...EVENT, fail: 'sold out' } })
      expect(answer).toMatchObject({ functionError: 'Unhandled', payload: { errorMessage: 'sold out' } })
    })

    // A custom runtime is the function's own program: nothing is put before it.
    if (runtime.startsWith('PROVIDED')) return
    it('is started by the wrapper that a layer brings', async () => {
      const entries = [{ name: 'wrapper', content: WRAPPER, mode: 0o100755, deflate: true }]
      const { data } = await client.query(WRAP, { zipFile: zipBytes(entries).toString('base64') })
      const layers = [data.publishLayerVersion.layerVersion.layerVersionArn]
      const changed = await client.query(USE_LAYER, { layers })
      expect(changed.data.updateFunctionConfiguration.userErrors).toEqual([])
      const answer = await invoke(client, { functionName: 'orders', payload: EVENT })
      expect(answer).toMatchObject({ payload: { ...RESULT, currency: 'CHF' }, functionError: null })
    })
  })
}
