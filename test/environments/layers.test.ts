import { afterAll, describe, expect, it } from 'vitest'
import type { EnvironmentSpec } from '../../src/environments/contract.ts'
import { createTestEnvironments } from '../kit/testEnvironments.ts'

const kit = createTestEnvironments()
afterAll(() => kit[Symbol.asyncDispose]())

type Files = Readonly<Record<string, string>>
const node = (file: string, code: string, layers: readonly Files[], changes: Partial<EnvironmentSpec> = {}) =>
  kit.run(kit.spec({ [file]: code }, { layerSha256s: layers.map(kit.layer), ...changes }))
const packageOf = (name: string, text: string, folder = 'nodejs/node_modules') => ({
  [`${folder}/${name}/package.json`]: JSON.stringify({
    name,
    exports: { import: './index.mjs', require: './index.cjs' },
  }),
  [`${folder}/${name}/index.mjs`]: `export const text = '${text}, imported'`,
  [`${folder}/${name}/index.cjs`]: `exports.text = '${text}, required'`,
})

/** A runtime that answers with its name. */
const bootstrapOf = (name: string) => `#!/bin/bash
api=http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation
while true; do
  id=$(curl -sS -D - -o /dev/null "$api/next" | sed -n 's/^lambda-runtime-aws-request-id: //Ip' | tr -d '\\r')
  curl -sS -d '"${name}"' "$api/$id/response"
done
`

describe('the layers of a function', () => {
  it('are what is in /opt, laid over each other in order', async () => {
    const { value } = await node(
      'index.js',
      `const { readFileSync } = require('node:fs')
       exports.handler = async () => ['one', 'both', 'two'].map((name) => readFileSync('/opt/' + name, 'utf8'))`,
      [
        { one: '1', both: '1' },
        { two: '2', both: '2' },
      ],
    )
    expect(value).toEqual(['1', '2', '2'])
  })

  it('cannot be written, not even by root of the service: neither files nor folders', async () => {
    const { value } = await node(
      'index.js',
      `const fs = require('node:fs')
       const attempt = (work) => { try { work(); return 'written' } catch ({ code }) { return code } }
       exports.handler = async () => [
         attempt(() => fs.writeFileSync('/opt/file', 'x')), attempt(() => fs.writeFileSync('/opt/new', 'x')),
         attempt(() => fs.rmSync('/opt/file')), attempt(() => fs.chmodSync('/opt/file', 0o777)),
         attempt(() => fs.writeFileSync('/node_modules/x', 'x')) ]`,
      [{ file: 'content' }, { other: '' }],
    )
    expect(value).not.toContain('written')
  })

  it('are not there for a function without any, whose /opt is empty', async () => {
    const code = `exports.handler = async () => require('node:fs').readdirSync('/opt')`
    expect((await node('index.js', code, [])).value).toEqual([])
  })
})

describe('packages in layers', () => {
  it('are found by require and by import, from the folder of all versions of Node.js', async () => {
    const layers = [packageOf('shared', 'general')]
    const required = `exports.handler = async () => require('shared').text`
    expect((await node('index.js', required, layers)).value).toBe('general, required')
    const imported = `import { text } from 'shared'\nexport const handler = async () => text`
    expect((await node('index.mjs', imported, layers)).value).toBe('general, imported')
  })

  it('are taken from the folder of this version of Node.js first, and from the code before either', async () => {
    const layers = [packageOf('shared', 'general'), packageOf('shared', 'of 20', 'nodejs/node20/node_modules')]
    const required = `exports.handler = async () => require('shared').text`
    expect((await node('index.js', required, layers)).value).toBe('of 20, required')
    const imported = `import { text } from 'shared'\nexport const handler = async () => text`
    expect((await node('index.mjs', imported, layers)).value).toBe('of 20, imported')
    const own = packageOf('shared', 'own', 'node_modules')
    const spec = kit.spec({ 'index.mjs': imported, ...own }, { layerSha256s: layers.map(kit.layer) })
    expect((await kit.run(spec)).value).toBe('own, imported')
  })

  it('are found by Python behind the code: in python/lib/python3.11/site-packages, then in python', async () => {
    const code = 'import first, second, third\ndef handler(event, context):\n    return [first.x, second.x, third.x]\n'
    const layer = kit.layer({
      'python/lib/python3.11/site-packages/first.py': 'x = "layer"',
      'python/lib/python3.11/site-packages/second.py': 'x = "of 3.11"',
      'python/second.py': 'x = "general"',
      'python/third/__init__.py': 'x = "package"',
    })
    const files = { 'index.py': code, 'first.py': 'x = "code"' }
    const { value } = await kit.run(kit.spec(files, { runtime: 'python3.11', layerSha256s: [layer] }))
    expect(value).toEqual(['code', 'of 3.11', 'package'])
  })

  it('hold programs, found on the PATH, and a handler, where it is named by its path', async () => {
    const layer = {
      'bin/greet': '#!/bin/sh\necho "hello $1"',
      'nodejs/wrapper.js': `exports.handler = async () => String(require('child_process').execFileSync('greet', ['you']))`,
    }
    const { value } = await node('index.js', '', [layer], { handler: '/opt/nodejs/wrapper.handler' })
    expect(value).toBe('hello you\n')
  })
})

describe('a bootstrap in a layer', () => {
  it('runs a function whose code has none, and stands back behind one that has', async () => {
    const changes = {
      runtime: 'provided.al2023',
      layerSha256s: [kit.layer({ bootstrap: bootstrapOf('layer') })],
    } as const
    expect((await kit.run(kit.spec({ 'function.sh': '' }, changes))).value).toBe('layer')
    expect((await kit.run(kit.spec({ bootstrap: bootstrapOf('code') }, changes))).value).toBe('code')
  })
})

describe('without isolation', () => {
  it('layers are found at the paths where they are', async () => {
    await using bare = createTestEnvironments({ driver: 'process', logLevel: 'error' })
    const layerSha256s = [
      bare.layer({
        'nodejs/node_modules/shared/index.js': `exports.text = 'required'`,
        'python/shared.py': 'text = "imported"',
        bootstrap: bootstrapOf('layer'),
      }),
    ]
    const code = `exports.handler = async () => require('shared').text`
    expect((await bare.run(bare.spec({ 'index.js': code }, { layerSha256s }))).value).toBe('required')
    const python = 'import shared\ndef handler(event, context):\n    return shared.text\n'
    const spec = bare.spec({ 'index.py': python }, { layerSha256s, runtime: 'python3.11' })
    expect((await bare.run(spec)).value).toBe('imported')
    const custom = bare.spec({ 'function.sh': '' }, { layerSha256s, runtime: 'provided.al2023' })
    expect((await bare.run(custom)).value).toBe('layer')
  })
})
