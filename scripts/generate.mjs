// Writes what is generated from schema.graphql and prisma/schema.prisma. Nothing is downloaded: Prisma only looks for
// its schema engine's binary and never runs it here, so any executable satisfies it.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { codegen } from '@graphql-codegen/core'
import * as typescript from '@graphql-codegen/typescript'
import * as resolvers from '@graphql-codegen/typescript-resolvers'
import { buildSchema, parse } from 'graphql'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const require = createRequire(import.meta.url)

async function generateResolverTypes() {
  const source = readFileSync(join(root, 'schema.graphql'), 'utf8')
  const scalars = { BigInt: 'string', Decimal: 'string', DateTime: { input: 'Date', output: 'Date' }, JSON: 'unknown' }
  const config = {
    scalars,
    useTypeImports: true,
    enumsAsTypes: true,
    contextType: '../context.ts#Context',
    mapperTypeSuffix: 'Model',
    mappers: JSON.parse(readFileSync(join(root, 'src/api/mappers.json'), 'utf8')),
    avoidOptionals: { field: true, object: false, inputValue: false, defaultValue: false },
    inputMaybeValue: 'T | null | undefined',
    resolversNonOptionalTypename: false,
    makeResolverTypeCallable: false,
  }
  const output = await codegen({
    filename: join(root, 'src/api/generated/resolvers.ts'),
    schema: parse(source),
    schemaAst: buildSchema(source),
    documents: [],
    config,
    plugins: [{ typescript: {} }, { resolvers: {} }],
    pluginMap: { typescript, resolvers },
  })
  mkdirSync(join(root, 'src/api/generated'), { recursive: true })
  writeFileSync(join(root, 'src/api/generated/resolvers.ts'), output)
}

function generatePrismaClient() {
  const prisma = join(dirname(require.resolve('prisma/package.json')), 'build/index.js')
  execFileSync(process.execPath, [prisma, 'generate'], {
    cwd: root,
    // What it says is part of the error where it fails, and of no interest where it does not.
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: '1' },
  })
}

await generateResolverTypes()
generatePrismaClient()
