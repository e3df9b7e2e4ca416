import { afterAll, describe, expect, it } from 'vitest'
import type { EnvironmentSpec } from '../../src/environments/contract.ts'
import { eventually } from '../kit/eventually.ts'
import { createTestEnvironments } from '../kit/testEnvironments.ts'

const kit = createTestEnvironments()
afterAll(() => kit[Symbol.asyncDispose]())

const WRAPPER = '/opt/wrapper'
const wrapped = (
  files: Readonly<Record<string, string>>,
  script: string,
  changes: Partial<EnvironmentSpec> = {},
  environment: Readonly<Record<string, string>> = {},
) =>
  kit.spec(files, {
    layerSha256s: [kit.layer({ wrapper: `#!/bin/bash\n${script}\n` })],
    environment: { AWS_LAMBDA_EXEC_WRAPPER: WRAPPER, ...environment },
    ...changes,
  })
const VARIABLES = {
  'index.js': `exports.handler = async (names) => names.map((name) => process.env[name])
exports.other = async () => 'other'`,
}

describe('a function whose runtime is started by a wrapper', () => {
  it('finds what the wrapper has changed, and all the rest as it is', async () => {
    const odd = { QUOTES: `a'b"c$(id)\`id\`\\`, LINES: 'one\ntwo\n', EMPTY: '', MINE: 'before' }
    const spec = wrapped(VARIABLES, 'export MINE="$MINE and after" NEW=new; exec "$@"', {}, odd)
    const { value } = await kit.run(spec, [...Object.keys(odd), 'NEW', 'AWS_LAMBDA_FUNCTION_NAME', '_HANDLER'])
    expect(value).toEqual([odd.QUOTES, odd.LINES, odd.EMPTY, 'before and after', 'new', 'tested', 'index.handler'])
    const again = await kit.run(spec, ['MINE'])
    expect(again).toMatchObject({ value: ['before and after'], isColdStart: false })
  })

  it('may have another handler, as tracing layers put theirs before it', async () => {
    const spec = wrapped(VARIABLES, 'export _HANDLER=index.other; exec "$@"')
    expect((await kit.run(spec)).value).toBe('other')
  })

  it('may have options of its interpreter, by arguments and by variables', async () => {
    const options = { 'index.js': 'exports.handler = async () => process.execArgv.concat(process.env.NODE_OPTIONS)' }
    const script = 'export NODE_OPTIONS=--no-warnings; program=$1; shift; exec "$program" --no-deprecation "$@"'
    const { value } = await kit.run(wrapped(options, script))
    expect(value).toEqual(expect.arrayContaining(['--no-deprecation', '--no-warnings']))
  })

  it('works in Python, whose script comes last', async () => {
    const python = {
      'index.py': 'import os, sys\ndef handler(e, c): return [os.environ["MINE"], sys.flags.dont_write_bytecode]',
    }
    const script = `export MINE=1; args=("$@"); exec "\${args[@]:0:$#-1}" -B "\${args[@]: -1}"`
    const spec = wrapped(python, script, { runtime: 'python3.11' })
    expect((await kit.run(spec)).value).toEqual(['1', 1])
  })

  it('has extensions beside it, which the wrapper does not start', async () => {
    const extension = `#!/bin/bash
api=http://$AWS_LAMBDA_RUNTIME_API/2020-01-01/extension
id=$(curl -sS -D - -o /dev/null -H 'Lambda-Extension-Name: beside' -d '{"events":["INVOKE"]}' "$api/register" |
  sed -n 's/^lambda-extension-identifier: //Ip' | tr -d '\\r')
while true; do curl -sS -o /dev/null -H "Lambda-Extension-Identifier: $id" "$api/event/next"; echo "beside: $MINE"; done
`
    const layer = kit.layer({ wrapper: '#!/bin/bash\nexport MINE=inside; exec "$@"\n', 'extensions/beside': extension })
    const spec = wrapped(VARIABLES, '', { layerSha256s: [layer] }, { MINE: 'outside' })
    const { value, lines } = await kit.run(spec, ['MINE'])
    expect(value).toEqual(['inside'])
    expect(lines.map(({ message }) => message)).toEqual(['beside: outside'])
  })

  it('fails where the wrapper is not there, or ends by itself', async () => {
    const missing = await kit.run(wrapped(VARIABLES, '', {}, { AWS_LAMBDA_EXEC_WRAPPER: '/opt/nothing' }))
    expect(missing.value).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringMatching(/exit status 127$/),
    })
    expect(missing.initLines.map(({ message }) => message).join()).toContain('/opt/nothing: not found')
    const ended = await kit.run(wrapped(VARIABLES, 'exit 3'))
    expect(ended.value).toMatchObject({ errorMessage: expect.stringMatching(/exit status 3$/) })
  })

  it('is not started ahead: its variables are known with it', async () => {
    await using ahead = createTestEnvironments({ prestarted: 1 })
    const wrapper = ahead.layer({ wrapper: '#!/bin/bash\nexec "$@"\n' })
    const plain = ahead.spec(VARIABLES, { layerSha256s: [wrapper] })
    ahead.pool.expect(plain)
    await eventually(() => expect(ahead.pool.prestarted().count).toBe(1))
    const environment = { AWS_LAMBDA_EXEC_WRAPPER: WRAPPER }
    const spec = ahead.spec(VARIABLES, { layerSha256s: [wrapper], environment })
    expect((await ahead.run(spec, ['_HANDLER'])).value).toEqual(['index.handler'])
    expect(ahead.pool.prestarted().count).toBe(1)
  })
})

it('a custom runtime is started by nobody else, whatever the variable says', async () => {
  const bootstrap = `#!/bin/bash
api=http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation
while true; do
  id=$(curl -sS -D - -o /dev/null "$api/next" | sed -n 's/^lambda-runtime-aws-request-id: //Ip' | tr -d '\\r')
  curl -sS -o /dev/null -d "\\"$AWS_LAMBDA_EXEC_WRAPPER\\"" "$api/$id/response"
done
`
  const spec = wrapped({ bootstrap }, 'exit 3', { runtime: 'provided.al2023' })
  expect((await kit.run(spec)).value).toBe(WRAPPER)
})
