import { afterAll, describe, expect, it } from 'vitest'
import type { EnvironmentSpec } from '../../src/environments/contract.ts'
import type { RuntimeIdentifier } from '../../src/model/runtime.ts'
import { createTestEnvironments, type Ran } from '../kit/testEnvironments.ts'

const kit = createTestEnvironments()
afterAll(() => kit[Symbol.asyncDispose]())

const MIB = 1024 * 1024
const LARGEST_RESULT_BYTES = 6 * MIB + 100

const commonJs = (code: string, changes: Partial<EnvironmentSpec> = {}) => kit.spec({ 'index.js': code }, changes)
const runNode = (code: string, changes: Partial<EnvironmentSpec> = {}, event: unknown = {}) =>
  kit.run(commonJs(code, changes), event)

const messages = ({ lines }: Ran) => lines.map(({ message }) => message)
/** The message behind `<ISO>\t<request id>\t`. */
const records = (ran: Ran) =>
  messages(ran).map((message) => {
    const [, requestId, record] = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\t([^\t]*)\t(.*)$/s.exec(message) ?? []
    expect(requestId, message).toBe(ran.requestId)
    return record
  })

const failed = (failure: string, value: object) => ({
  outcome: expect.objectContaining({ kind: 'FAILED', failure }),
  value: expect.objectContaining(value),
})

describe('a Node.js handler', () => {
  it('returns what its promise resolves with', async () => {
    const ran = await runNode('exports.handler = async (event) => ({ echo: event })', {}, { a: [1, 'ü', null] })
    expect(ran).toMatchObject({ value: { echo: { a: [1, 'ü', null] } }, outcome: { kind: 'SUCCEEDED' } })
  })

  it('returns what any thenable resolves with', async () => {
    const ran = await runNode('exports.handler = () => ({ then: (resolve) => resolve("thenable") })')
    expect(ran.value).toBe('thenable')
  })

  it('that resolves with undefined answers null (recorded fact 76)', async () => {
    const ran = await runNode('exports.handler = async () => {}')
    expect(ran.outcome).toEqual({ kind: 'SUCCEEDED', payload: 'null' })
  })

  it('that is neither asynchronous nor calls back answers null, whatever it returns', async () => {
    const ran = await runNode('exports.handler = () => "lost"')
    expect(ran.outcome).toEqual({ kind: 'SUCCEEDED', payload: 'null' })
  })

  it.each([
    [
      'an .mjs file',
      { 'index.mjs': 'export const handler = async () => import.meta.url.split("/").at(-1)' },
      'index.mjs',
    ],
    [
      'a .js file below a package.json of type module',
      { 'package.json': '{"type":"module"}', 'index.js': 'export const handler = async () => typeof require' },
      'undefined',
    ],
    [
      'a .cjs file below a package.json of type module',
      { 'package.json': '{"type":"module"}', 'index.cjs': 'exports.handler = async () => typeof require' },
      'function',
    ],
    [
      'an ES module that waits at the top level',
      {
        'index.mjs':
          'const late = await new Promise((go) => setTimeout(go, 20, "late")); export const handler = async () => late',
      },
      'late',
    ],
    [
      'packages of its own',
      {
        'index.mjs': 'import value from "dependency"; export const handler = async () => value',
        'node_modules/dependency/package.json': '{"name":"dependency","main":"main.js"}',
        'node_modules/dependency/main.js': 'module.exports = "required"',
      },
      'required',
    ],
  ])('may be in %s', async (_, files, value) => {
    const ran = await kit.run(kit.spec(files))
    expect(ran.value).toBe(value)
  })

  it.each([
    ['folder/file.handler', { 'folder/file.js': 'exports.handler = async () => 1' }],
    ['folder/sub/file.handler', { 'folder/sub/file.mjs': 'export const handler = async () => 1' }],
    ['file.object.inner.handler', { 'file.js': 'exports.object = { inner: { handler: async () => 1 } }' }],
    ['dir/file.obj.fn', { 'dir/file.js': 'exports.obj = { fn: async () => 1 }' }],
    ['folder.handler', { 'folder/index.js': 'exports.handler = async () => 1' }],
  ])('is found by the name %s', async (handler, files) => {
    expect((await kit.run(kit.spec(files, { handler }))).value).toBe(1)
  })

  it.each(['nodejs22.x', 'nodejs24.x'] satisfies RuntimeIdentifier[])(
    'runs on the Node.js of %s, fetched at its first use',
    async (runtime) => {
      const ran = await runNode('exports.handler = async () => [process.version, process.env.AWS_EXECUTION_ENV]', {
        runtime,
      })
      const major = runtime.replace(/\D/g, '')
      expect(ran.value).toEqual([expect.stringMatching(new RegExp(`^v${major}\\.`)), `AWS_Lambda_${runtime}`])
      expect(ran.initLines[0]?.message).toMatch(
        new RegExp(`^INIT_START Runtime Version: nodejs:${major}\\.v${major}\\.`),
      )
    },
    180_000,
  )
})

describe('a callback', () => {
  it('answers when the event loop is empty', async () => {
    const ran = await runNode(`
      exports.handler = (event, context, callback) => {
        setTimeout(() => console.log('later'), 50)
        callback(null, 'answer')
      }`)
    expect(ran.value).toBe('answer')
    expect(records(ran)).toEqual(['INFO\tlater'])
  })

  it('answers at once where callbackWaitsForEmptyEventLoop is false', async () => {
    const ran = await runNode(`
      exports.handler = (event, context, callback) => {
        context.callbackWaitsForEmptyEventLoop = false
        setTimeout(() => {}, 60_000)
        callback(null, 'answer')
      }`)
    expect(ran.value).toBe('answer')
    expect(ran.durationUs).toBeLessThan(5_000_000)
  })

  it('may be called later', async () => {
    const ran = await runNode('exports.handler = (e, c, callback) => setTimeout(callback, 20, null, { a: 1 })')
    expect(ran.value).toEqual({ a: 1 })
  })

  it('that is given an error fails the event', async () => {
    const ran = await runNode('exports.handler = (e, c, callback) => callback(new TypeError("no"))')
    expect(ran).toMatchObject(failed('HANDLER_ERROR', { errorType: 'TypeError', errorMessage: 'no' }))
  })

  it('counts once: the first answer stays', async () => {
    const ran = await runNode('exports.handler = (e, c, callback) => { callback(null, 1); callback(null, 2) }')
    expect(ran.value).toBe(1)
  })

  it.each([
    ['context.succeed({ a: 1 })', { a: 1 }],
    ['context.done(null, "done")', 'done'],
    ['context.done()', null],
    ['setTimeout(() => {}, 60_000); context.succeed("at once")', 'at once'],
  ])('may be written %s', async (code, value) => {
    expect((await runNode(`exports.handler = (event, context) => { ${code} }`)).value).toEqual(value)
  })

  it.each(['context.fail(new RangeError("no"))', 'context.done(new RangeError("no"))'])(
    'may be written %s',
    async (code) => {
      const ran = await runNode(`exports.handler = (event, context) => { ${code} }`)
      expect(ran).toMatchObject(failed('HANDLER_ERROR', { errorType: 'RangeError', errorMessage: 'no' }))
    },
  )

  it('that comes after its event has been answered is not taken for the answer to the next', async () => {
    const spec = commonJs(`
      let previous
      exports.handler = (event, context, callback) => {
        context.callbackWaitsForEmptyEventLoop = false
        previous?.(null, 'of the previous event')
        previous = callback
        setTimeout(callback, 20, null, event.n)
      }`)
    expect((await kit.run(spec, { n: 1 })).value).toBe(1)
    expect((await kit.run(spec, { n: 2 })).value).toBe(2)
  })
})

describe('an error of a Node.js handler', () => {
  it('is the error object of AWS (recorded fact 80), and a record in the log', async () => {
    const ran = await runNode(`
      class Custom extends Error { name = 'Custom'; code = 42 }
      exports.handler = async () => { throw new Custom('no good') }`)
    expect(ran).toMatchObject(failed('HANDLER_ERROR', { errorType: 'Custom', errorMessage: 'no good' }))
    const { trace } = ran.value as { trace: string[] }
    expect(trace[0]).toMatch(/no good$/)
    expect(trace[1]).toMatch(/^ {4}at .*\/var\/task\/index\.js:3:/)
    expect(ran.lines).toHaveLength(1)
    const [record] = records(ran)
    const [level, label, json] = record!.split('\t')
    expect([level, label]).toEqual(['ERROR', 'Invoke Error '])
    expect(JSON.parse(json!)).toEqual({
      errorType: 'Custom',
      errorMessage: 'no good',
      name: 'Custom',
      code: 42,
      stack: trace,
    })
  })

  it.each([
    ['"text"', 'string', 'text'],
    ['42', 'number', '42'],
    ['undefined', 'undefined', 'undefined'],
    ['null', 'object', 'null'],
  ])('that is %s and no error has its type as errorType', async (thrown, errorType, errorMessage) => {
    const ran = await runNode(`exports.handler = async () => { throw ${thrown} }`)
    expect(ran).toMatchObject(failed('HANDLER_ERROR', { errorType, errorMessage, trace: [] }))
  })

  it('that throws when it is looked at is still an error', async () => {
    const ran = await runNode(`
      exports.handler = async () => {
        throw new Proxy({}, { get() { throw new Error('hostile') }, has() { throw new Error('hostile') } })
      }`)
    expect(ran).toMatchObject({ outcome: { kind: 'FAILED', failure: 'HANDLER_ERROR' } })
  })

  it('leaves the environment fit for the next event', async () => {
    const spec = commonJs(
      'let n = 0; exports.handler = async () => { n += 1; if (n === 1) throw new Error("x"); return n }',
    )
    expect((await kit.run(spec)).outcome.kind).toBe('FAILED')
    expect(await kit.run(spec)).toMatchObject({ value: 2, isColdStart: false })
  })

  it.each([
    ['a BigInt', '1n', /BigInt/],
    ['a circle', '(() => { const a = {}; a.a = a; return a })()', /circular/],
  ])('that is %s in the result says so', async (_, result, message) => {
    const ran = await runNode(`exports.handler = async () => (${result})`)
    expect(ran).toMatchObject(
      failed('UNSERIALISABLE_RESULT', {
        errorType: 'Runtime.UnableToStringify',
        errorMessage: expect.stringMatching(/^Unable to stringify response body as json: /),
      }),
    )
    expect((ran.value as { errorMessage: string }).errorMessage).toMatch(message)
  })

  it('that nobody caught in a promise ends the event and the environment', async () => {
    const spec = commonJs('exports.handler = () => new Promise(() => { Promise.reject(new Error("forgotten")) })')
    const ran = await kit.run(spec)
    expect(ran).toMatchObject(
      failed('HANDLER_ERROR', { errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: 'Error: forgotten' }),
    )
    expect((await kit.run(spec)).isColdStart).toBe(true)
  })

  it('that nobody caught in a promise is in the log with its reason', async () => {
    const ran = await runNode(
      'exports.handler = () => new Promise(() => { Promise.reject(new RangeError("forgotten")) })',
    )
    const [record] = records(ran)
    const [level, label, json] = record!.split('\t')
    expect([level, label]).toEqual(['ERROR', 'Unhandled Promise Rejection '])
    expect(JSON.parse(json!)).toMatchObject({
      errorType: 'Runtime.UnhandledPromiseRejection',
      errorMessage: 'RangeError: forgotten',
      reason: { errorType: 'RangeError', errorMessage: 'forgotten', stack: expect.any(Array) },
    })
  })

  it('is a promise that nothing is left to settle', async () => {
    const ran = await runNode('exports.handler = async () => { await new Promise(() => {}) }')
    expect(ran).toMatchObject(failed('HANDLER_ERROR', { errorType: 'Runtime.NodeJsExit' }))
  })

  it('that is a cycle of errors is in the log all the same', async () => {
    const ran = await runNode('exports.handler = async () => { const e = new Error("round"); e.self = e; throw e }')
    expect(ran).toMatchObject(failed('HANDLER_ERROR', { errorType: 'Error', errorMessage: 'round' }))
    expect(records(ran)[0]).toContain('"errorMessage":"round"')
  })

  it('that nobody caught in a timer ends the event and the environment', async () => {
    const spec = commonJs(
      'exports.handler = () => new Promise(() => setTimeout(() => { throw new TypeError("in a timer") }, 5))',
    )
    const ran = await kit.run(spec)
    expect(ran).toMatchObject(failed('HANDLER_ERROR', { errorType: 'TypeError', errorMessage: 'in a timer' }))
    expect(records(ran)[0]).toMatch(/^ERROR\tUncaught Exception \t\{/)
    expect((await kit.run(spec)).isColdStart).toBe(true)
  })
})

describe('a Node.js process that ends before it answers', () => {
  it.each([
    ['process.exit(0)', 'Runtime exited without providing a reason'],
    ['process.exit(3)', 'Runtime exited with error: exit status 3'],
    ['process.abort()', 'Runtime exited with error: signal: aborted'],
    ['process.kill(process.pid, "SIGKILL")', 'Runtime exited with error: signal: killed'],
    ['process.kill(process.pid, "SIGTERM")', 'Runtime exited with error: signal: terminated'],
    ['process.kill(process.pid, "SIGSEGV")', 'Runtime exited with error: signal: segmentation fault (core dumped)'],
  ])('by %s is Runtime.ExitError (recorded facts 83 and 84)', async (code, reason) => {
    const ran = await runNode(
      `exports.handler = async () => { ${code}; await new Promise((go) => setTimeout(go, 5000)) }`,
    )
    expect(ran.outcome).toMatchObject({ kind: 'FAILED', failure: 'CRASH' })
    expect(ran.value).toEqual({
      errorType: 'Runtime.ExitError',
      errorMessage: `RequestId: ${ran.requestId} Error: ${reason}`,
    })
  })

  it('has what it wrote before in the log', async () => {
    const ran = await runNode(`
      exports.handler = async () => { console.log('a'); process.stdout.write('b'); process.exit(1) }`)
    expect(records({ ...ran, lines: ran.lines.slice(0, 1) })).toEqual(['INFO\ta'])
    expect(messages(ran)[1]).toBe('b')
  })
})

describe('an init error of Node.js', () => {
  it.each([
    ['a syntax error', 'exports.handler = async () => {', 'Runtime.UserCodeSyntaxError', /^SyntaxError: /],
    ['a missing module', 'require("nowhere")', 'Runtime.ImportModuleError', /^Error: Cannot find module 'nowhere'/],
    [
      'a missing handler',
      'exports.other = 1',
      'Runtime.HandlerNotFound',
      /^index\.handler is undefined or not exported$/,
    ],
    [
      'a handler that is no function',
      'exports.handler = 1',
      'Runtime.HandlerNotFound',
      /^index\.handler is not a function$/,
    ],
    ['an exception at the top level', 'throw new RangeError("top")', 'RangeError', /^top$/],
    ['a string thrown at the top level', 'throw "top"', 'string', /^top$/],
  ])('is %s', async (_, code, errorType, message) => {
    const ran = await runNode(code)
    expect(ran).toMatchObject(failed('INIT_ERROR', { errorType, errorMessage: expect.stringMatching(message) }))
    expect(ran.initLines.at(-1)?.message).toMatch(/^\S+Z\tundefined\tERROR\tUncaught Exception \t\{/)
    expect(ran.initDurationUs).toBeGreaterThan(0)
  })

  it.each([
    ['nowhere.handler', 'Runtime.ImportModuleError', /^Error: Cannot find module 'nowhere'/],
    ['noDot', 'Runtime.MalformedHandlerName', /^Bad handler$/],
    ['../index.handler', 'Runtime.MalformedHandlerName', /^'\.\.\/index\.handler' is not a valid handler name\./],
  ])('is the handler name %s', async (handler, errorType, message) => {
    const ran = await runNode('exports.handler = async () => 1', { handler })
    expect(ran).toMatchObject(failed('INIT_ERROR', { errorType, errorMessage: expect.stringMatching(message) }))
  })

  it.each([
    ['a syntax error', 'export const handler = async () => {', 'Runtime.UserCodeSyntaxError'],
    ['a missing module', 'import "nowhere"', 'Error'],
    [
      'a rejection that nobody caught',
      'Promise.reject(new Error("x")); await new Promise(setImmediate)',
      'Runtime.UnhandledPromiseRejection',
    ],
    ['an exception at the top level', 'throw new RangeError("top")', 'RangeError'],
    ['a rejected await at the top level', 'await Promise.reject(new RangeError("top"))', 'RangeError'],
  ])('of an ES module is %s', async (_, code, errorType) => {
    const ran = await kit.run(kit.spec({ 'index.mjs': code }))
    expect(ran).toMatchObject(failed('INIT_ERROR', { errorType }))
  })

  it('is tried again by the next event', async () => {
    const spec = commonJs('throw new Error("top")')
    expect((await kit.run(spec)).isColdStart).toBe(true)
    expect(await kit.run(spec)).toMatchObject({ isColdStart: true, outcome: { failure: 'INIT_ERROR' } })
  })

  it('is Runtime.ExitError where the process ends while the code loads', async () => {
    const ran = await runNode('process.exit(4)')
    expect(ran).toMatchObject(
      failed('CRASH', {
        errorType: 'Runtime.ExitError',
        errorMessage: `RequestId: ${ran.requestId} Error: Runtime exited with error: exit status 4`,
      }),
    )
  })
})

describe('what Node.js code writes', () => {
  it('through the console is a record with time, request and level (recorded fact 94)', async () => {
    const ran = await runNode(`
      exports.handler = async () => {
        console.log('log %d %s', 1, 'two', { three: [3] })
        console.info('info')
        console.debug('debug')
        console.warn('warn')
        console.error('error')
        console.trace('trace')
      }`)
    expect(records(ran)).toEqual([
      'INFO\tlog 1 two { three: [ 3 ] }',
      'INFO\tinfo',
      'DEBUG\tdebug',
      'WARN\twarn',
      'ERROR\terror',
      'TRACE\ttrace',
    ])
    expect(new Set(ran.lines.map(({ requestId }) => requestId))).toEqual(new Set([ran.requestId]))
  })

  it('through the console in several lines is one event', async () => {
    const ran = await runNode('exports.handler = async () => console.log("one\\ntwo\\n")')
    expect(records(ran)).toEqual(['INFO\tone\ntwo\n'])
  })

  it('through the console in one record is at most 256 KiB an event', async () => {
    const ran = await runNode('exports.handler = async () => console.log("ä".repeat(200_000))')
    expect(ran.lines).toHaveLength(2)
    expect(
      messages(ran)
        .join('')
        .endsWith(`\tINFO\t${'ä'.repeat(200_000)}`),
    ).toBe(true)
  })

  it('to standard output is one event a line, and only \\n ends a line (recorded fact 93)', async () => {
    const ran = await runNode(
      'exports.handler = async () => { process.stdout.write("a line\\nanother\\rline\\n\\nlast\\n") }',
    )
    expect(messages(ran)).toEqual(['a line', 'another\rline', '', 'last'])
    expect(ran.lines.every(({ source }) => source === 'STDOUT')).toBe(true)
  })

  it('without a line end is an event when the handler has answered', async () => {
    const spec = commonJs(
      `exports.handler = async ({ n }) => { process.stdout.write('out' + n); process.stderr.write('err' + n) }`,
    )
    expect(messages(await kit.run(spec, { n: 1 })).sort()).toEqual(['err1', 'out1'])
    expect(messages(await kit.run(spec, { n: 2 })).sort()).toEqual(['err2', 'out2'])
  })

  it('belongs to the event before it, however long another process of it writes on', async () => {
    const loop = `require('node:child_process').spawn('/bin/sh', ['-c', 'echo first; while :; do echo on; done'], {
      stdio: ['ignore', 'inherit', 'ignore'] })`
    const code = `exports.handler = async () => { ${loop}; await new Promise((r) => setTimeout(r, 50)); return Date.now() }`
    const ran = await runNode(code)
    const lateMs = Date.now() - Number(ran.value)
    expect(messages(ran)[0]).toBe('first')
    // It could write until the function's time is up.
    expect(lateMs).toBeLessThan(1_000)
  })

  it('to standard error is known as such', async () => {
    const ran = await runNode('exports.handler = async () => { process.stderr.write("oh\\n") }')
    expect(ran.lines).toMatchObject([{ source: 'STDERR', message: 'oh', requestId: ran.requestId }])
  })

  it('from a child process is in the log too', async () => {
    const ran = await runNode(`
      exports.handler = async () => {
        require('node:child_process').execFileSync('/bin/sh', ['-c', 'echo child; echo oops >&2'], { stdio: 'inherit' })
      }`)
    expect(messages(ran).sort()).toEqual(['child', 'oops'])
  })

  it('keeps its order within a stream', async () => {
    const ran = await runNode(
      'exports.handler = async () => { for (let n = 0; n < 2000; n += 1) process.stdout.write(n + "\\n") }',
    )
    expect(messages(ran)).toEqual(Array.from({ length: 2000 }, (_, n) => String(n)))
  })

  it('keeps its order within the console', async () => {
    const ran = await runNode('exports.handler = async () => { for (let n = 0; n < 2000; n += 1) console.log(n) }')
    expect(records(ran)).toEqual(Array.from({ length: 2000 }, (_, n) => `INFO\t${n}`))
  })

  it('while it loads belongs to no request', async () => {
    const ran = await runNode(
      'console.log("loading"); process.stdout.write("raw\\n"); exports.handler = async () => {}',
    )
    expect(ran.initLines[0]).toMatchObject({
      source: 'PLATFORM',
      message: expect.stringMatching(
        /^INIT_START Runtime Version: nodejs:20\.v20\.\d+\.\d+\tRuntime Version ARN: arn:aws:lambda:us-east-1::runtime:/,
      ),
    })
    expect(
      ran.initLines
        .slice(1)
        .map(({ message }) => message.split('\t').slice(-2).join(' '))
        .sort(),
    ).toEqual(['INFO loading', 'raw'])
    expect(ran.initLines.every(({ requestId }) => requestId === null)).toBe(true)
  })

  it('reaches the log while the handler runs', async () => {
    let told: () => void = () => undefined
    const wrote = new Promise<void>((resolve) => {
      told = resolve
    })
    const spec = commonJs(
      `exports.handler = async () => { console.log('now'); await new Promise((go) => setTimeout(go, 60_000)) }`,
      {
        timeoutMs: 1_000,
      },
    )
    const running = kit.run(spec, {}, () => void told())
    await wrote
    expect((await running).outcome).toMatchObject({ failure: 'TIMEOUT' })
  })
})

describe('the context of a Node.js handler', () => {
  it('is complete (recorded facts 97, 98 and 106)', async () => {
    const spec = commonJs(
      'exports.handler = async (event, context) => ({ ...context, remaining: context.getRemainingTimeInMillis() })',
      {
        versionNumber: 7,
        timeoutMs: 9_000,
        functionName: 'complete',
      },
    )
    const ran = await kit.run(spec, {}, undefined, {
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:100000000001:function:complete:live',
      clientContext: '{"custom":{"foo":"bar"},"client":{"snap":["crackle","pop"]},"env":{"fizz":"buzz"}}',
    })
    expect(ran.logStreamName).toMatch(/^\d{4}\/\d\d\/\d\d\/\[7\][0-9a-f]{32}$/)
    expect(ran.value).toEqual({
      callbackWaitsForEmptyEventLoop: true,
      functionVersion: '7',
      functionName: 'complete',
      memoryLimitInMB: '128',
      logGroupName: '/aws/lambda/complete',
      logStreamName: ran.logStreamName,
      clientContext: { custom: { foo: 'bar' }, client: { snap: ['crackle', 'pop'] }, env: { fizz: 'buzz' } },
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:100000000001:function:complete:live',
      awsRequestId: ran.requestId,
      remaining: expect.any(Number),
    })
    const { remaining } = ran.value as { remaining: number }
    expect(remaining).toBeGreaterThan(7_000)
    expect(remaining).toBeLessThanOrEqual(9_000)
  })

  it('has no client context where none was given', async () => {
    expect((await runNode('exports.handler = async (e, context) => typeof context.clientContext')).value).toBe(
      'undefined',
    )
  })

  it('counts the remaining time down', async () => {
    const ran = await runNode(`
      exports.handler = async (event, context) => {
        const before = context.getRemainingTimeInMillis()
        await new Promise((go) => setTimeout(go, 30))
        return before - context.getRemainingTimeInMillis()
      }`)
    expect(ran.value).toBeGreaterThanOrEqual(28)
  })
})

describe('the variables of a Node.js function', () => {
  it('are those of the platform (recorded facts 101 to 104) and the user, and no others', async () => {
    const ran = await kit.run(
      commonJs('exports.handler = async () => process.env', {
        environment: { GREETING: 'grüß\n"Gott"', EMPTY: '' },
        memoryMiB: 256,
      }),
      {},
      undefined,
      { traceId: 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1' },
    )
    expect(ran.value).toEqual({
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x',
      AWS_LAMBDA_FUNCTION_NAME: 'tested',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/tested',
      AWS_LAMBDA_LOG_STREAM_NAME: ran.logStreamName,
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
      LAMBDA_TASK_ROOT: '/var/task',
      LAMBDA_RUNTIME_DIR: '/var/runtime',
      LANG: 'en_US.UTF-8',
      TZ: ':UTC',
      PATH: '/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin',
      LD_LIBRARY_PATH: '/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib',
      PWD: '/var/task',
      SHLVL: '0',
      NODE_PATH:
        '/opt/nodejs/node20/node_modules:/opt/nodejs/node_modules:/var/runtime/node_modules:/var/runtime:/var/task',
      _HANDLER: 'index.handler',
      _X_AMZN_TRACE_ID: 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1',
      GREETING: 'grüß\n"Gott"',
      EMPTY: '',
    })
  })
})

describe('the time zone of a Node.js function', () => {
  it.each([
    [{}, 0],
    [{ TZ: 'America/New_York' }, 19],
  ])('with the variables %j', async (environment, hour) => {
    const ran = await runNode('exports.handler = async () => new Date(0).getHours()', { environment })
    expect(ran.value).toBe(hour)
  })
})

describe('NODE_OPTIONS of a Node.js function', () => {
  it('load modules before the handler', async () => {
    const files = {
      'first.js': 'globalThis.order = ["first"]',
      'second.mjs': 'await 0; globalThis.order.push("second")',
      'index.js': 'exports.handler = async () => globalThis.order',
    }
    const environment = { NODE_OPTIONS: '--require ./first.js --import=./second.mjs' }
    expect((await kit.run(kit.spec(files, { environment }))).value).toEqual(['first', 'second'])
  })

  it('switch source maps on', async () => {
    const map = { version: 3, sources: ['/var/task/original.ts'], names: [], mappings: 'AAAA;AACA' }
    const url = `data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}`
    const code = `exports.handler = async () => {\nthrow new Error('mapped') }\n//# sourceMappingURL=${url}`
    const ran = await runNode(code, { environment: { NODE_OPTIONS: '--enable-source-maps' } })
    expect((ran.value as { trace: string[] }).trace.join('\n')).toContain('original.ts:2')
  })

  it('that name what is not there are an init error', async () => {
    const ran = await runNode('exports.handler = async () => 1', { environment: { NODE_OPTIONS: '-r ./nowhere' } })
    expect(ran).toMatchObject(failed('INIT_ERROR', { errorMessage: expect.stringContaining("'./nowhere'") }))
  })

  it('that come too late are told of', async () => {
    const ran = await runNode('exports.handler = async () => 1', {
      environment: { NODE_OPTIONS: '--inspect --max-old-space-size=64' },
    })
    expect(ran.value).toBe(1)
    expect(ran.initLines.slice(1).map(({ message }) => message.split('\t').at(-1))).toEqual([
      'NODE_OPTIONS: --inspect has no effect here',
      'NODE_OPTIONS: --max-old-space-size has no effect here',
    ])
  })
})

describe('the heap of Node.js', () => {
  it('is collected before the memory is used up: what is garbage costs nobody an environment', async () => {
    const ran = await runNode(`
      exports.handler = async () => {
        let kept
        // Strings that survive a while, 300 MB of them in all.
        for (let n = 0; n < 600; n++) {
          if (n % 40 === 0) kept = []
          kept.push(Array.from({ length: 16_000 }, (_, index) => 'text ' + n * index))
        }
        return require('node:v8').getHeapStatistics().heap_size_limit < 200 * 1024 * 1024
      }`)
    expect(ran.value).toBe(true)
  }, 30_000)

  it('ends the process where it is full, within the memory of the function', async () => {
    const ran = await runNode(`
      exports.handler = async () => {
        const kept = []
        for (;;) kept.push(Array.from({ length: 1_000 }, (_, index) => 'text ' + kept.length * index))
      }`)
    expect(ran.outcome.kind).toBe('FAILED')
    expect(ran.maxMemoryMiB).toBeLessThan(200)
  }, 30_000)
})

describe('a CommonJS function', () => {
  it('has no main module, and finds the runtime nowhere among the modules', async () => {
    const ran = await runNode(`
      exports.handler = async () => [typeof require.main, process.mainModule === undefined, Object.keys(require.cache)]`)
    expect(ran.value).toEqual(['undefined', true, ['/var/task/index.js']])
  })

  it('is told of deprecations as everywhere', async () => {
    const ran = await runNode(`
      exports.handler = async () => {
        process.binding('util')
        return 'noDeprecation' in process
      }`)
    expect(ran.value).toBe(false)
  })
})

describe('a warm Node.js environment', () => {
  it('keeps globals and /tmp from one event to the next', async () => {
    const spec = commonJs(`
      const fs = require('node:fs')
      let count = 0
      exports.handler = async () => {
        fs.appendFileSync('/tmp/count', 'x')
        return [++count, fs.readFileSync('/tmp/count', 'utf8')]
      }`)
    const first = await kit.run(spec)
    const second = await kit.run(spec)
    expect([first.value, second.value]).toEqual([
      [1, 'x'],
      [2, 'xx'],
    ])
    expect([first.isColdStart, second.isColdStart]).toEqual([true, false])
    expect(first.initDurationUs).toBeGreaterThan(0)
    expect(second.initDurationUs).toBeNull()
    expect(second.logStreamName).toBe(first.logStreamName)
    expect(second.maxMemoryMiB).toBeGreaterThan(10)
  })
})

describe('a Node.js handler whose time runs out', () => {
  it('has timed out, after just that time, and the next event has a new environment (recorded fact 85)', async () => {
    const spec = commonJs(
      'let n = 0; exports.handler = async ({ wait }) => { n += 1; console.log("in"); await new Promise((go) => setTimeout(go, wait)); return n }',
      { timeoutMs: 1_000 },
    )
    expect((await kit.run(spec, { wait: 0 })).value).toBe(1)
    const ran = await kit.run(spec, { wait: 60_000 })
    expect(ran.value).toEqual({
      errorType: 'Sandbox.Timedout',
      errorMessage: `RequestId: ${ran.requestId} Error: Task timed out after 1.00 seconds`,
    })
    expect(ran).toMatchObject({ outcome: { failure: 'TIMEOUT' }, durationUs: 1_000_000, isColdStart: false })
    expect(messages(ran).at(-1)).toMatch(
      new RegExp(
        `^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z ${ran.requestId} Task timed out after 1\\.00 seconds$`,
      ),
    )
    expect(await kit.run(spec, { wait: 0 })).toMatchObject({ value: 1, isColdStart: true })
  })

  it('cannot go on by never giving the processor back', async () => {
    const ran = await runNode('exports.handler = async () => { for (;;); }', { timeoutMs: 1_000 })
    expect(ran.outcome).toMatchObject({ failure: 'TIMEOUT' })
  })
})

describe('the size of payloads', () => {
  it('of events may be 6 MiB', async () => {
    const ran = await runNode(
      'exports.handler = async (event) => event.text.length',
      {},
      { text: 'x'.repeat(6 * MIB - 11) },
    )
    expect(ran.value).toBe(6 * MIB - 11)
  })

  it('of results may be 6 MiB and 100 bytes, and not one more (recorded fact 88)', async () => {
    const spec = commonJs('exports.handler = async ({ length }) => "x".repeat(length)')
    const largest = await kit.run(spec, { length: LARGEST_RESULT_BYTES - 2 })
    expect(largest.outcome.kind).toBe('SUCCEEDED')
    expect(largest.outcome.payload).toHaveLength(LARGEST_RESULT_BYTES)
    const ran = await kit.run(spec, { length: LARGEST_RESULT_BYTES - 1 })
    expect(ran.outcome).toMatchObject({ failure: 'RESPONSE_TOO_LARGE' })
    expect(ran.value).toEqual({
      errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
      errorType: 'Function.ResponseSizeTooLarge',
    })
    expect(await kit.run(spec, { length: 1 })).toMatchObject({ value: 'x', isColdStart: false })
  })

  it('is counted in bytes of UTF-8', async () => {
    const ran = await runNode('exports.handler = async () => "ä".repeat(4_000_000)')
    expect(ran.outcome).toMatchObject({ failure: 'RESPONSE_TOO_LARGE' })
  })
})
