import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { EnvironmentSpec } from '../../src/environments/contract.ts'
import { findInterpreter } from '../../src/environments/interpreters.ts'
import { type BuiltPackage, buildGo, buildNode, buildPython, buildRust } from '../kit/customRuntimes.ts'
import { buildJava, buildJavaClient } from '../kit/javaPackages.ts'
import { recordingSink } from '../kit/recordingSink.ts'
import { temporaryFolder } from '../kit/temporaryFolder.ts'
import { createTestEnvironments } from '../kit/testEnvironments.ts'

// Clients of the Runtime API that nobody here wrote, from their registries, unmodified.

const kit = createTestEnvironments()
const folder = temporaryFolder()
afterAll(async () => {
  await kit[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const jdk = await findInterpreter('java17', '')
// Most of their time they wait for a registry, or for one compiler on one processor.
const [go, rust, python, node, java, ownJava] = await Promise.all([
  buildGo(join(folder.path, 'go')),
  buildRust(join(folder.path, 'rust')),
  buildPython(join(folder.path, 'python')),
  buildNode(join(folder.path, 'node')),
  buildJavaClient(jdk, join(folder.path, 'java')),
  buildJava(jdk, join(folder.path, 'ownJava')),
])

const failed = (failure: string, value: object) => ({
  outcome: expect.objectContaining({ kind: 'FAILED', failure }),
  value: expect.objectContaining(value),
})
const messages = (lines: readonly { readonly message: string }[]) => lines.map(({ message }) => message)
const ARN = 'arn:aws:lambda:us-east-1:100000000001:function:tested'

/** A version of the package; each call is another one, with environments of its own. */
function version(built: BuiltPackage, changes: Partial<EnvironmentSpec> = {}): EnvironmentSpec {
  return kit.spec('files' in built ? built.files : {}, { runtime: 'provided.al2023', memoryMiB: 256, ...changes })
}

function titled(name: string, built: BuiltPackage): string {
  return 'missing' in built ? `${name} (skipped: ${built.missing})` : name
}

describe.skipIf('missing' in go)(
  titled('aws-lambda-go', go),
  () => {
    it('answers, cold and warm', async () => {
      const spec = version(go)
      for (const isColdStart of [true, false]) {
        const ran = await kit.run(spec, { do: 'echo', text: 'ü' })
        const value = { text: 'ü', requestId: ran.requestId, arn: ARN, function: 'tested' }
        expect(ran).toMatchObject({ isColdStart, value })
        expect(messages(ran.lines)).toEqual(['go got echo'])
      }
    })

    it('returns errors, and goes on', async () => {
      const spec = version(go)
      const ran = await kit.run(spec, { do: 'fail', text: 'no' })
      expect(ran).toMatchObject(failed('HANDLER_ERROR', { errorType: 'errorString', errorMessage: 'no' }))
      expect((await kit.run(spec, { do: 'echo' })).isColdStart).toBe(false)
    })

    it('panics, is told so, and ends', async () => {
      const spec = version(go)
      const ran = await kit.run(spec, { do: 'panic', text: 'at the disco' })
      expect(ran).toMatchObject(failed('HANDLER_ERROR', { errorType: 'string', errorMessage: 'at the disco' }))
      expect((await kit.run(spec, { do: 'echo' })).isColdStart).toBe(true)
    })

    it('streams what a reader gives', async () => {
      const ran = await kit.run(version(go), { do: 'stream', text: 'a' })
      expect(ran).toMatchObject({ outcome: { kind: 'SUCCEEDED' }, value: { streamed: 'a' } })
    })

    it('has what it gives handed on, to who takes it as it comes', async () => {
      const sink = recordingSink()
      const ran = await kit.run(version(go), { do: 'stream', text: 'a' }, undefined, { responseSink: sink })
      expect(ran.outcome).toEqual({ kind: 'SUCCEEDED', payload: 'null', streamedBytes: sink.lengthBytes })
      expect(JSON.parse(sink.text())).toEqual({ streamed: 'a' })
    })

    it('is told when its response is too large', async () => {
      const ran = await kit.run(version(go), { do: 'large' })
      expect(ran).toMatchObject(failed('RESPONSE_TOO_LARGE', { errorType: 'Function.ResponseSizeTooLarge' }))
    })
  },
  60_000,
)

describe.skipIf('missing' in rust)(
  titled('lambda_runtime (Rust)', rust),
  () => {
    it('answers, cold and warm', async () => {
      const spec = version(rust)
      for (const isColdStart of [true, false]) {
        const ran = await kit.run(spec, { n: 7 })
        expect(ran).toMatchObject({ isColdStart, value: { echo: { n: 7 }, requestId: ran.requestId } })
        expect(messages(ran.lines)).toContain('rust got 7')
      }
    })

    it('returns errors, and goes on', async () => {
      const spec = version(rust)
      expect(await kit.run(spec, { fail: 'no' })).toMatchObject(failed('HANDLER_ERROR', { errorMessage: 'no' }))
      expect((await kit.run(spec, {})).isColdStart).toBe(false)
    })
  },
  60_000,
)

describe.skipIf('missing' in python)(
  titled('awslambdaric', python),
  () => {
    const handler = { handler: 'handler.handle' }

    it('answers, cold and warm', async () => {
      const spec = version(python, handler)
      for (const isColdStart of [true, false]) {
        const request = { clientContext: '{"custom":{"a":1}}' }
        const ran = await kit.run(spec, { do: 'echo', text: 'ü' }, undefined, request)
        const value = {
          text: 'ü',
          requestId: ran.requestId,
          arn: ARN,
          function: 'tested',
          client: { a: 1 },
          hasTime: true,
        }
        expect(ran).toMatchObject({ isColdStart, value })
        expect(messages(ran.lines)).toEqual(['python got echo'])
      }
    })

    it('returns errors with a traceback that is one record of several lines', async () => {
      const ran = await kit.run(version(python, handler), { do: 'fail', text: 'no' })
      expect(ran).toMatchObject(failed('HANDLER_ERROR', { errorType: 'CustomError', errorMessage: 'no' }))
      expect(messages(ran.lines).find((message) => message.includes('Traceback'))).toMatch(
        /CustomError: no\n.*Traceback/s,
      )
    })

    it('ends when its handler does', async () => {
      const ran = await kit.run(version(python, handler), { do: 'exit' })
      const errorMessage = `RequestId: ${ran.requestId} Error: Runtime exited with error: exit status 3`
      expect(ran).toMatchObject(failed('CRASH', { errorType: 'Runtime.ExitError', errorMessage }))
    })

    it('tells at its start that the handler is not there', async () => {
      const ran = await kit.run(version(python, { handler: 'nowhere.handle' }))
      expect(ran).toMatchObject(failed('INIT_ERROR', { errorType: 'Runtime.ImportModuleError' }))
    })
  },
  60_000,
)

describe.skipIf('missing' in node)(
  titled('aws-lambda-ric (Node.js)', node),
  () => {
    it('answers, cold and warm', async () => {
      const spec = version(node, { handler: 'index.handler' })
      for (const isColdStart of [true, false]) {
        const ran = await kit.run(spec, { do: 'echo', text: 'ü' })
        expect(ran).toMatchObject({ isColdStart, value: { text: 'ü', requestId: ran.requestId, arn: ARN } })
        expect(messages(ran.lines)).toEqual([expect.stringContaining('node got echo')])
      }
    })

    it('returns errors, with a stack in a header, and goes on', async () => {
      const spec = version(node, { handler: 'index.handler' })
      const ran = await kit.run(spec, { do: 'fail', text: 'no'.repeat(20_000) })
      expect(ran).toMatchObject(failed('HANDLER_ERROR', { errorType: 'TypeError', errorMessage: 'no'.repeat(20_000) }))
      expect((await kit.run(spec, { do: 'echo' })).isColdStart).toBe(false)
    })

    it('streams, and tells in trailers what went wrong in the middle', async () => {
      const spec = version(node, { handler: 'index.streams' })
      expect((await kit.run(spec, { text: 'a' })).value).toEqual({ streamed: 'a' })
      const sink = recordingSink()
      for (const responseSink of [null, sink]) {
        const ran = await kit.run(spec, { do: 'fail', text: 'no' }, undefined, { responseSink })
        expect(ran).toMatchObject(failed('HANDLER_ERROR', { errorType: 'TypeError', errorMessage: 'no' }))
      }
      expect(sink).toMatchObject({ hasBegun: true })
    })

    it('tells at its start that the handler is not there', async () => {
      const ran = await kit.run(version(node, { handler: 'index.nowhere' }))
      expect(ran).toMatchObject(failed('INIT_ERROR', { errorType: 'Runtime.HandlerNotFound' }))
    })
  },
  60_000,
)

describe.skipIf('missing' in java)(
  titled('aws-lambda-java-runtime-interface-client', java),
  () => {
    const handler = (method: string) => ({ handler: `example.Methods::${method}`, memoryMiB: 512 })

    it('answers, cold and warm', async () => {
      const spec = version(java, handler('context'))
      for (const isColdStart of [true, false]) {
        const ran = await kit.run(spec)
        expect(ran).toMatchObject({ isColdStart, value: { requestId: ran.requestId, arn: ARN, hasTime: true } })
      }
    })

    it('returns errors with their class and frames, and goes on', async () => {
      const spec = version(java, handler('fail'))
      const ran = await kit.run(spec, 'no')
      const stackTrace = expect.arrayContaining([expect.stringContaining('example.Methods.fail(Methods.java')])
      const value = { errorType: 'java.lang.IllegalStateException', errorMessage: 'no', stackTrace }
      expect(ran).toMatchObject(failed('HANDLER_ERROR', value))
      expect((await kit.run(spec, 'no')).isColdStart).toBe(false)
    })

    it('is told when its response is too large', async () => {
      const ran = await kit.run(version(java, handler('large')))
      expect(ran).toMatchObject(failed('RESPONSE_TOO_LARGE', { errorType: 'Function.ResponseSizeTooLarge' }))
    })

    it.each([
      ['Shapes::values', {}],
      [
        'Shapes::shape',
        {
          ...{ name: 'a', round: 1, solid: 'false', sizes: { LARGE: '1.5' }, made: '2026-11-23', kind: 'tiny' },
          ...{ parts: { kind: 1, letters: ['x', 'y'], made: 1_795_428_000_000 }, readOnly: 7, NAME: 'b', unknown: {} },
        },
      ],
      ['Shapes::shape', { parts: '', round: null, sizes: '', name: 1.5, kind: '' }],
      ['Shapes::shape', { round: 'yes' }],
      ['Methods::echo', [1e300, -7, 1.5, 1e-7, { a: null, b: [null] }, '\u2028']],
      ['Methods::twice', 2.7],
      ['Broken$FailsToInitialise::handle', {}],
    ])('answers %s of %j byte by byte as our own bootstrap does', async (handler, event) => {
      const changes = { handler: `example.${handler}`, memoryMiB: 512 }
      const theirs = await kit.run(version(java, changes), event)
      const ours = await kit.run(version(ownJava, { ...changes, runtime: 'java17' }), event)
      expect(ours.outcome.payload).toBe(theirs.outcome.payload)
    })

    it('ends when its handler does', async () => {
      const errorMessage = expect.stringContaining('Runtime exited with error: exit status 3')
      expect(await kit.run(version(java, handler('exit')), 3)).toMatchObject(failed('CRASH', { errorMessage }))
    })
  },
  60_000,
)
