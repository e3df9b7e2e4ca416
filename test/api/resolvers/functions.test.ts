import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { makeExecutableSchema } from '@graphql-tools/schema'
import { graphql } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Context } from '../../../src/api/context.ts'
import { globalId } from '../../../src/api/globalId.ts'
import { createFunctionLoaders } from '../../../src/api/loaders/functionLoaders.ts'
import { functionMutations } from '../../../src/api/resolvers/functionMutations.ts'
import { functionQueries } from '../../../src/api/resolvers/functionQueries.ts'
import { functionTypes } from '../../../src/api/resolvers/functionTypes.ts'
import { versionMutations } from '../../../src/api/resolvers/versionMutations.ts'
import type { FunctionServices } from '../../../src/functions/services.ts'
import { zipBytes } from '../../functions/codePackage/zipBytes.ts'
import { ARN, type ControlPlane, createControlPlane, SCOPE } from '../../functions/kit.ts'

const schema = makeExecutableSchema({
  typeDefs: readFileSync(new URL('../../../schema.graphql', import.meta.url), 'utf8'),
  resolvers: [functionTypes, functionQueries, functionMutations, versionMutations],
})

let plane: ControlPlane
/** Names of the batched reads in the order in which they were made. */
const reads: string[] = []
beforeAll(async () => {
  plane = await createControlPlane()
})
afterAll(() => plane[Symbol.asyncDispose]())

async function run(source: string, variableValues: Record<string, unknown> = {}) {
  reads.length = 0
  const functions = new Proxy(plane.services, {
    get(target, name: keyof FunctionServices) {
      reads.push(name)
      return target[name]
    },
  })
  // The rooms that these resolvers do not touch are left out.
  const contextValue = {
    principal: { ...SCOPE, tokenId: '', role: 'ADMIN' },
    services: { functions },
    loaders: { functions: createFunctionLoaders(functions, SCOPE) },
    requestId: '',
  } as unknown as Context
  const { data, errors } = await graphql({ schema, source, variableValues, contextValue })
  expect(errors).toBeUndefined()
  return JSON.parse(JSON.stringify(data)) as Record<string, never>
}

const CREATE = `mutation ($input: CreateFunctionInput!) {
  createFunction(input: $input) {
    function {
      id functionName version functionArn runtime handler memoryMiB timeoutSeconds ephemeralStorageMiB networkAccess architecture state
      stateReason environment { name value } tags { key value } codeSha256 codeSizeBytes
    }
    version { id version functionArn function { functionName } }
    userErrors { __typename code message field }
  }
}`
const code = { files: [{ path: 'index.js', content: '1' }] }
const create = (functionName: string, input: object = {}) =>
  run(CREATE, { input: { functionName, runtime: 'NODEJS22_X', handler: 'index.handler', code, ...input } })

describe('the mutations of functions', () => {
  it('create one with all defaults, and publish it', async () => {
    const { createFunction } = await create('made', { publish: true, tags: [{ key: 'team', value: 'a' }] })
    expect(createFunction).toMatchObject({
      function: {
        id: expect.any(String),
        functionName: 'made',
        version: '$LATEST',
        functionArn: `${ARN}:made`,
        runtime: 'NODEJS22_X',
        memoryMiB: 128,
        timeoutSeconds: 3,
        ephemeralStorageMiB: 512,
        networkAccess: 'INTERNET',
        architecture: 'X86_64',
        state: 'ACTIVE',
        environment: [],
        tags: [{ key: 'team', value: 'a' }],
        codeSha256: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
      },
      version: { version: '1', functionArn: `${ARN}:made:1`, function: { functionName: 'made' } },
      userErrors: [],
    })
  })

  it('answer with user errors in the words of AWS and the path of the field, and change nothing', async () => {
    const { createFunction } = await create('wrong', { memoryMiB: 1 })
    expect(createFunction).toEqual({
      function: null,
      version: null,
      userErrors: [
        {
          __typename: 'GenericUserError',
          code: 'VALIDATION',
          message:
            "1 validation error detected: Value '1' at 'memorySize' failed to satisfy constraint: Member must have value greater than or equal to 128",
          field: ['input', 'memoryMiB'],
        },
      ],
    })
    expect(await run('{ function(functionName: "wrong") { id } }')).toEqual({ function: null })
  })

  it('take a zip in base64, and the id of an uploaded package', async () => {
    const zip = zipBytes([{ name: 'index.js', content: '1', deflate: true }])
    const zipped = await create('zipped', { code: { zipFile: zip.toString('base64') } })
    const { codePackageId, sha256 } = await plane.services.uploadCodePackage(SCOPE, Readable.from([zip]))
    const uploaded = await create('uploaded', { code: { codePackageId: globalId('CodePackage', codePackageId) } })
    for (const { createFunction } of [zipped, uploaded]) {
      expect(createFunction).toMatchObject({
        function: { codeSha256: Buffer.from(sha256, 'hex').toString('base64'), codeSizeBytes: zip.length },
      })
    }
    const unknown = await create('unknown', { code: { codePackageId: 'x' } })
    expect(unknown['createFunction']).toMatchObject({ userErrors: [{ code: 'RESOURCE_NOT_FOUND' }] })
  })

  it('see in their payloads what they and those before them in the document did', async () => {
    await create('steps', { publish: true })
    const result = await run(`mutation {
      a: createAlias(input: { functionName: "steps", name: "live", functionVersion: "1" }) {
        alias { function { alias(name: "live") { functionVersion } } }
      }
      b: updateAlias(input: { functionName: "steps", name: "live", functionVersion: "$LATEST", description: "d" }) {
        alias { aliasArn description function { alias(name: "live") { functionVersion } } } userErrors { message }
      }
      c: deleteAlias(input: { functionName: "steps", name: "live" }) { deletedAliasArn }
      d: tagFunction(input: { functionName: "steps", tags: [{ key: "k", value: "v" }] }) {
        function { alias(name: "live") { name } tags { key } }
      }
      e: deleteFunction(input: { functionName: "steps" }) { deletedFunctionArn }
      f: deleteFunction(input: { functionName: "steps" }) { deletedFunctionArn userErrors { code message } }
    }`)
    expect(result).toEqual({
      a: { alias: { function: { alias: { functionVersion: '1' } } } },
      b: {
        alias: { aliasArn: `${ARN}:steps:live`, description: 'd', function: { alias: { functionVersion: '$LATEST' } } },
        userErrors: [],
      },
      c: { deletedAliasArn: `${ARN}:steps:live` },
      d: { function: { alias: null, tags: [{ key: 'k' }] } },
      e: { deletedFunctionArn: `${ARN}:steps` },
      f: {
        deletedFunctionArn: null,
        userErrors: [{ code: 'RESOURCE_NOT_FOUND', message: `Function not found: ${ARN}:steps` }],
      },
    })
  })

  it('update code and configuration, publish, and route by weight', async () => {
    await create('flow', { publish: true })
    const result = await run(`mutation {
      code: updateFunctionCode(input: { functionName: "flow", publish: true, code: { files: [{ path: "index.js", content: "2" }] } }) {
        version { version } userErrors { message }
      }
      configuration: updateFunctionConfiguration(input: { functionName: "flow", runtime: PYTHON3_12, environment: [{ name: "AB", value: "c" }] }) {
        function { runtime handler environment { name value } } userErrors { message }
      }
      publish: publishVersion(input: { functionName: "flow", description: "third" }) { version { version description runtime } }
      alias: createAlias(input: { functionName: "flow", name: "w", functionVersion: "1", routingConfig: { additionalVersionWeights: [{ version: "3", weight: 0.1 }] } }) {
        alias { routingConfig { additionalVersion weight } }
      }
      none: updateAlias(input: { functionName: "flow", name: "w", routingConfig: { additionalVersionWeights: [] } }) {
        alias { functionVersion routingConfig { weight } }
      }
    }`)
    expect(result).toMatchObject({
      code: { version: { version: '2' }, userErrors: [] },
      configuration: {
        function: { runtime: 'PYTHON3_12', handler: 'index.handler', environment: [{ name: 'AB', value: 'c' }] },
      },
      publish: { version: { version: '3', description: 'third', runtime: 'PYTHON3_12' } },
      alias: { alias: { routingConfig: { additionalVersion: '3', weight: 0.1 } } },
      none: { alias: { functionVersion: '1', routingConfig: null } },
    })
  })
})

describe('the queries of functions', () => {
  it('page through functions, versions and aliases with one statement for each field, however many rows', async () => {
    for (const name of ['page-a', 'page-b', 'page-c']) await create(name, { publish: true })
    for (const name of ['x', 'y', 'z']) {
      await run(
        `mutation ($name: String!) { createAlias(input: { functionName: "page-b", name: $name, functionVersion: "1" }) { alias { id } } }`,
        { name },
      )
    }
    const result = await run(`{
      functions(first: 100) {
        nodes {
          functionName
          versions(first: 1) { nodes { version function { functionName } } pageInfo { hasNextPage } }
          aliases(first: 2) { nodes { name function { functionName } } pageInfo { hasNextPage endCursor } }
          alias(name: "y") { functionVersion }
          versionConfiguration(version: "1") { version }
          latest: versionConfiguration(version: "$LATEST") { version functionArn }
        }
      }
    }`)
    const { nodes } = result['functions'] as unknown as { nodes: { functionName: string }[] }
    expect(nodes.find(({ functionName }) => functionName === 'page-b')).toMatchObject({
      versions: { nodes: [{ version: '1', function: { functionName: 'page-b' } }], pageInfo: { hasNextPage: false } },
      aliases: { nodes: [{ name: 'x' }, { name: 'y' }], pageInfo: { hasNextPage: true } },
      alias: { functionVersion: '1' },
      versionConfiguration: { version: '1' },
      latest: { version: '$LATEST', functionArn: `${ARN}:page-b:$LATEST` },
    })
    expect(reads.toSorted()).toEqual([
      'aliasPages',
      'aliasesByName',
      'functionsById',
      'listFunctions',
      'versionPages',
      'versionsByNumber',
    ])
  })

  it('go on behind a cursor', async () => {
    const first = await run('{ functions(first: 2) { nodes { functionName } pageInfo { endCursor hasNextPage } } }')
    const page = first['functions'] as unknown as { pageInfo: { endCursor: string } }
    const query =
      'query ($after: String) { functions(first: 100, after: $after) { edges { cursor node { functionName } } } }'
    const second = await run(query, { after: page.pageInfo.endCursor })
    const all = await run('{ functions(first: 100) { nodes { functionName } } }')
    const names = [
      ...(first['functions'] as unknown as { nodes: { functionName: string }[] }).nodes,
      ...(second['functions'] as unknown as { edges: { node: { functionName: string } }[] }).edges.map(
        ({ node }) => node,
      ),
    ]
    expect(names).toEqual((all['functions'] as unknown as { nodes: unknown[] }).nodes)
  })
})
