import { afterAll, describe, expect, it } from 'vitest'
import type { EnvironmentSpec } from '../../src/environments/contract.ts'
import { RUNTIME_IDENTIFIERS } from '../../src/model/runtime.ts'
import { createTestEnvironments, type Ran } from '../kit/testEnvironments.ts'

const kit = createTestEnvironments()
afterAll(() => kit[Symbol.asyncDispose]())

const MIB = 1024 * 1024
const LARGEST_RESULT_BYTES = 6 * MIB + 100
const NBSP = '\u00a0'

const messages = ({ lines }: Ran) => lines.map(({ message }) => message)
const failed = (failure: string, value: object) => ({
  outcome: expect.objectContaining({ kind: 'FAILED', failure }),
  value: expect.objectContaining(value),
})

const PYTHONS = RUNTIME_IDENTIFIERS.filter((runtime) => runtime.startsWith('python'))
const statuses = await kit.runtimes.list()
const isHere = (runtime: string) => statuses.some((status) => status.runtime === runtime && status.isUsable)

it('is tested with at least one interpreter', () => expect(PYTHONS.filter(isHere)).not.toEqual([]))

describe.each(PYTHONS.filter((runtime) => !isHere(runtime)))('%s', (runtime) => {
  it('is answered with what to install', async () => {
    const spec = kit.spec({ 'index.py': '' }, { runtime })
    await expect(kit.run(spec)).rejects.toThrow(`Install ${runtime.replace('python', 'Python ')}`)
  })
})

describe.each(PYTHONS.filter(isHere))('%s', (runtime) => {
  const python = (code: string, changes: Partial<EnvironmentSpec> = {}) =>
    kit.spec({ 'index.py': code }, { runtime, ...changes })
  const runPython = (code: string, changes: Partial<EnvironmentSpec> = {}, event: unknown = {}) =>
    kit.run(python(code, changes), event)

  describe('a handler', () => {
    it('returns a value for an event', async () => {
      const ran = await runPython('def handler(event, context):\n    return {"echo": event}', {}, { a: [1, 'ü', null] })
      expect(ran).toMatchObject({ value: { echo: { a: [1, 'ü', null] } }, outcome: { kind: 'SUCCEEDED' } })
    })

    it('runs on the interpreter of its version', async () => {
      const ran = await runPython(
        'import os, sys\ndef handler(e, c): return [sys.version_info[:2], os.environ["AWS_EXECUTION_ENV"]]',
      )
      const [major, minor] = runtime.replace('python', '').split('.').map(Number)
      expect(ran.value).toEqual([[major, minor], `AWS_Lambda_${runtime}`])
      expect(ran.initLines[0]?.message).toMatch(
        new RegExp(`^INIT_START Runtime Version: python:3\\.${minor}\\.v3\\.${minor}\\.\\d+\\t`),
      )
    })

    it('finds the packages of the machine behind its own, and what Python adds, but nothing of theirs was run', async () => {
      const ran = await runPython(`import site, sys
packages = [path for path in site.getsitepackages() if path in sys.path]
def handler(e, c): return [sys.path[0], sys.path[len(sys.path) - len(packages):] == packages, callable(exit), sys.flags.no_site]`)
      expect(ran.value).toEqual(['/var/task', true, true, 1])
    })

    it('that returns nothing answers null (recorded fact 76)', async () => {
      expect((await runPython('def handler(e, c): pass')).outcome).toEqual({ kind: 'SUCCEEDED', payload: 'null' })
    })

    it('may return a Decimal, which is a number', async () => {
      expect((await runPython('from decimal import Decimal\ndef handler(e, c): return Decimal("1.5")')).value).toBe(1.5)
    })

    it.each([
      ['folder.module.handler', { 'folder/module.py': 'def handler(e, c): return 1' }],
      ['folder/module.handler', { 'folder/module.py': 'def handler(e, c): return 1' }],
      [
        'folder/sub/module.handler',
        { 'folder/sub/__init__.py': '', 'folder/sub/module.py': 'def handler(e, c): return 1' },
      ],
      [
        'package.handler',
        { 'package/__init__.py': 'from .inner import handler', 'package/inner.py': 'def handler(e, c): return 1' },
      ],
    ])('is found by the name %s', async (handler, files) => {
      expect((await kit.run(kit.spec(files, { runtime, handler }))).value).toBe(1)
    })

    it('imports modules and packages beside it', async () => {
      const spec = kit.spec(
        {
          'index.py': 'import helper\nfrom package.sub import value\ndef handler(e, c): return [helper.value, value]',
          'helper.py': 'value = "helper"',
          'package/__init__.py': '',
          'package/sub.py': 'value = "sub"',
        },
        { runtime },
      )
      expect((await kit.run(spec)).value).toEqual(['helper', 'sub'])
    })

    it('keeps globals and /tmp from one event to the next', async () => {
      const spec = python(`
count = 0
def handler(event, context):
    global count
    count += 1
    with open('/tmp/count', 'a+') as file:
        file.write('x')
        file.seek(0)
        return [count, file.read()]
`)
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
    })
  })

  describe('an error', () => {
    it('is the error object of AWS (recorded fact 79), and one event with a traceback (recorded fact 95)', async () => {
      const ran = await runPython(`class CustomException(Exception):
    pass

def fail():
    raise CustomException('no\\ngood')

def handler(event, context):
    fail()
`)
      const traceback = [
        '  File "/var/task/index.py", line 8, in handler\n    fail()\n',
        `  File "/var/task/index.py", line 5, in fail\n    raise CustomException('no\\ngood')\n`,
      ]
      expect(ran.outcome).toMatchObject({ kind: 'FAILED', failure: 'HANDLER_ERROR' })
      expect(ran.value).toEqual({
        errorMessage: 'no\ngood',
        errorType: 'CustomException',
        requestId: ran.requestId,
        stackTrace: traceback,
      })
      expect(messages(ran)).toEqual([
        [
          '[ERROR] CustomException: no',
          'good',
          'Traceback (most recent call last):',
          `${NBSP.repeat(2)}File "/var/task/index.py", line 8, in handler`,
          `${NBSP.repeat(4)}fail()`,
          `${NBSP.repeat(2)}File "/var/task/index.py", line 5, in fail`,
          `${NBSP.repeat(4)}raise CustomException('no\\ngood')`,
        ].join('\n'),
      ])
    })

    it('that cannot be shown is still an error', async () => {
      const ran = await runPython(`
class Hostile(Exception):
    def __str__(self): raise ValueError('hostile')
def handler(e, c): raise Hostile()
`)
      expect(ran).toMatchObject(failed('HANDLER_ERROR', { errorType: 'Hostile', errorMessage: '' }))
    })

    it('of endless recursion is an error like any other', async () => {
      const ran = await runPython('def handler(e, c): return handler(e, c)')
      expect(ran).toMatchObject(failed('HANDLER_ERROR', { errorType: 'RecursionError' }))
    })

    it('leaves the environment fit for the next event', async () => {
      const spec = python(
        'n = 0\ndef handler(e, c):\n    global n\n    n += 1\n    if n == 1: raise ValueError("x")\n    return n',
      )
      expect((await kit.run(spec)).outcome.kind).toBe('FAILED')
      expect(await kit.run(spec)).toMatchObject({ value: 2, isColdStart: false })
    })

    it.each([
      ['{1, 2}', 'Unable to marshal response: Object of type set is not JSON serializable'],
      ['b"bytes"', 'Unable to marshal response: Object of type bytes is not JSON serializable'],
      ['c', 'Unable to marshal response: Object of type LambdaContext is not JSON serializable'],
      ['(lambda a: a.append(a) or a)([])', 'Unable to marshal response: Circular reference detected'],
      ['float("nan")', /^Unable to marshal response: Out of range float values are not JSON compliant/],
    ])('in the result %s says so', async (result, message) => {
      const ran = await runPython(`def handler(e, c): return ${result}`)
      expect(ran.outcome).toMatchObject({ kind: 'FAILED', failure: 'UNSERIALISABLE_RESULT' })
      expect(ran.value).toEqual({
        errorType: 'Runtime.MarshalError',
        errorMessage: typeof message === 'string' ? message : expect.stringMatching(message),
        requestId: ran.requestId,
        stackTrace: [],
      })
    })
  })

  describe('a process that ends before it answers', () => {
    it.each([
      ['sys.exit()', 'Runtime exited without providing a reason'],
      ['sys.exit(0)', 'Runtime exited without providing a reason'],
      ['sys.exit(3)', 'Runtime exited with error: exit status 3'],
      ['sys.exit("a text")', 'Runtime exited with error: exit status 1'],
      ['os._exit(7)', 'Runtime exited with error: exit status 7'],
      ['os.abort()', 'Runtime exited with error: signal: aborted'],
      ['os.kill(os.getpid(), 9)', 'Runtime exited with error: signal: killed'],
    ])('by %s is Runtime.ExitError (recorded facts 83 and 84)', async (code, reason) => {
      const ran = await runPython(`import os, sys\ndef handler(e, c):\n    print("before", end="")\n    ${code}`)
      expect(ran.outcome).toMatchObject({ kind: 'FAILED', failure: 'CRASH' })
      expect(ran.value).toEqual({
        errorType: 'Runtime.ExitError',
        errorMessage: `RequestId: ${ran.requestId} Error: ${reason}`,
      })
      expect(messages(ran)).toContain('before')
    })

    it('by an exception that is no Exception has its traceback in the log', async () => {
      const ran = await runPython('def handler(e, c): raise KeyboardInterrupt("stopped")')
      expect(ran.outcome).toMatchObject({ kind: 'FAILED', failure: 'CRASH' })
      expect(messages(ran)).toContain('KeyboardInterrupt: stopped')
    })

    it('while its code loads is Runtime.ExitError too', async () => {
      const ran = await runPython('import sys\nsys.exit(4)')
      expect(ran).toMatchObject(
        failed('CRASH', {
          errorMessage: `RequestId: ${ran.requestId} Error: Runtime exited with error: exit status 4`,
        }),
      )
    })
  })

  describe('an init error', () => {
    it.each([
      [
        'a syntax error',
        'def handler(:',
        'Runtime.UserCodeSyntaxError',
        /^Syntax error in module 'index': invalid syntax/,
      ],
      [
        'a missing module',
        'import nowhere',
        'Runtime.ImportModuleError',
        /^Unable to import module 'index': No module named 'nowhere'$/,
      ],
      [
        'a missing name',
        'from json import nowhere',
        'Runtime.ImportModuleError',
        /^Unable to import module 'index': cannot import name/,
      ],
      ['a missing handler', 'other = 1', 'Runtime.HandlerNotFound', /^Handler 'handler' missing on module 'index'$/],
      ['an exception at the top level', 'raise ValueError("top")', 'ValueError', /^top$/],
    ])('is %s', async (_, code, errorType, message) => {
      const ran = await runPython(code)
      // The request id of an init error is empty (recorded fact 82).
      expect(ran).toMatchObject(
        failed('INIT_ERROR', { errorType, errorMessage: expect.stringMatching(message), requestId: '' }),
      )
      const { errorMessage } = ran.value as { errorMessage: string }
      expect(ran.initLines.at(-1)?.message.split('\n').slice(0, 2)).toEqual([
        `[ERROR] ${errorType}: ${errorMessage}`,
        'Traceback (most recent call last):',
      ])
    })

    it('at the top level has a trace', async () => {
      const ran = await runPython('raise ValueError("top")')
      const { stackTrace } = ran.value as { stackTrace: string[] }
      expect(stackTrace.at(-1)).toBe('  File "/var/task/index.py", line 1, in <module>\n    raise ValueError("top")\n')
    })

    it.each([
      ['nowhere.handler', 'Runtime.ImportModuleError', "Unable to import module 'nowhere': No module named 'nowhere'"],
      ['noDot', 'Runtime.MalformedHandlerName', "Bad handler 'noDot': not enough values to unpack (expected 2, got 1)"],
      ['sys.handler', 'Runtime.BuiltInModuleConflict', 'Cannot use built-in module sys as a handler module'],
    ])('is the handler name %s', async (handler, errorType, errorMessage) => {
      const ran = await runPython('def handler(e, c): return 1', { handler })
      expect(ran).toMatchObject(failed('INIT_ERROR', { errorType, errorMessage, stackTrace: [] }))
    })

    it('is tried again by the next event', async () => {
      const spec = python('raise ValueError("top")')
      expect((await kit.run(spec)).isColdStart).toBe(true)
      expect(await kit.run(spec)).toMatchObject({ isColdStart: true, outcome: { failure: 'INIT_ERROR' } })
    })
  })

  describe('what code writes', () => {
    it('by logging is a record with level, time and request (recorded fact 94)', async () => {
      const ran = await runPython(`
import logging
logger = logging.getLogger()
logger.setLevel(logging.DEBUG)
def handler(event, context):
    logger.debug('debug %d', 1)
    logger.info('info')
    logging.getLogger('named').warning('several\\nlines')
    logger.error('error')
    logger.critical('critical')
`)
      const record = (level: string, text: string) =>
        expect.stringMatching(
          new RegExp(
            `^\\[${level}\\]\\t\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z\\t${ran.requestId}\\t${text}$`,
          ),
        )
      expect(messages(ran)).toEqual([
        record('DEBUG', 'debug 1'),
        record('INFO', 'info'),
        record('WARNING', 'several\nlines'),
        record('ERROR', 'error'),
        record('CRITICAL', 'critical'),
      ])
    })

    it('by logging is kept from WARNING on, unless the code says otherwise', async () => {
      const ran = await runPython(
        'import logging\ndef handler(e, c):\n    logging.info("no")\n    logging.warning("yes")',
      )
      expect(messages(ran)).toHaveLength(1)
      expect(messages(ran)[0]).toMatch(/^\[WARNING\]\t.*\tyes$/)
    })

    it('by print is one event a line, and only \\n ends a line (recorded fact 93)', async () => {
      const ran = await runPython(`
def handler(event, context):
    print('multiline\\nwith two')
    print('another\\rline')
    print()
    print('no end', end='')
`)
      expect(messages(ran)).toEqual(['multiline', 'with two', 'another\rline', '', 'no end'])
      expect(ran.lines.every(({ source, requestId }) => source === 'STDOUT' && requestId === ran.requestId)).toBe(true)
    })

    it('to standard error is known as such', async () => {
      const ran = await runPython('import sys\ndef handler(e, c): print("oh", file=sys.stderr)')
      expect(ran.lines).toMatchObject([{ source: 'STDERR', message: 'oh' }])
    })

    it('in bytes, and from child processes, is in the log too', async () => {
      const ran = await runPython(`
import os, subprocess, sys
def handler(event, context):
    sys.stdout.buffer.write(b'bytes \\xff\\n')
    sys.stdout.flush()
    subprocess.run(['/bin/sh', '-c', 'echo child'])
    os.write(1, b'descriptor')
`)
      expect(messages(ran)).toEqual(['bytes \ufffd', 'child', 'descriptor'])
    })

    it('may go to /dev/stdout and /dev/stderr by their names', async () => {
      const ran = await runPython(`
import subprocess
def handler(event, context):
    subprocess.run('echo out >/dev/stdout; echo err >/dev/stderr; echo "again" >>/dev/stdout', shell=True, check=True)
`)
      expect(ran.lines.map(({ source, message }) => `${source} ${message}`).sort()).toEqual([
        'STDERR err',
        'STDOUT again',
        'STDOUT out',
      ])
    })

    it('keeps its order, and is complete', async () => {
      const ran = await runPython('def handler(e, c):\n    for n in range(2000): print(n)')
      expect(messages(ran)).toEqual(Array.from({ length: 2000 }, (_, n) => String(n)))
    })

    it('as one record is at most 256 KiB an event, cut between characters', async () => {
      const ran = await runPython('import logging\ndef handler(e, c): logging.error("ä" * 200_000)')
      expect(ran.lines).toHaveLength(2)
      expect(
        messages(ran)
          .join('')
          .endsWith(`\t${'ä'.repeat(200_000)}`),
      ).toBe(true)
    })

    it('while it loads belongs to no request', async () => {
      const ran = await runPython(
        'import logging\nprint("raw")\nlogging.error("logged")\ndef handler(e, c): print("event")',
      )
      const [start, ...rest] = ran.initLines
      expect(start?.source).toBe('PLATFORM')
      expect(rest.map(({ message }) => message).sort()).toEqual([
        expect.stringMatching(/^\[ERROR\]\t\S+Z\t\tlogged$/),
        'raw',
      ])
      expect(ran.initLines.every(({ requestId }) => requestId === null)).toBe(true)
      expect(messages(ran)).toEqual(['event'])
    })
  })

  describe('the context', () => {
    it('is complete (recorded facts 96 to 98, and 106)', async () => {
      const spec = python(
        `
def handler(event, c):
    return {name: getattr(c, name) for name in (
        'aws_request_id', 'log_group_name', 'log_stream_name', 'function_name', 'memory_limit_in_mb', 'function_version',
        'invoked_function_arn')} | {
        'remaining': c.get_remaining_time_in_millis(),
        'identity': [c.identity.cognito_identity_id, c.identity.cognito_identity_pool_id],
        'custom': c.client_context.custom, 'env': c.client_context.env,
        'client': [c.client_context.client.installation_id, c.client_context.client.app_title],
    }
`,
        { versionNumber: 7, timeoutMs: 9_000, functionName: 'complete' },
      )
      const ran = await kit.run(spec, {}, undefined, {
        invokedFunctionArn: 'arn:aws:lambda:us-east-1:100000000001:function:complete:live',
        clientContext:
          '{"custom":{"foo":"bar"},"client":{"installation_id":"id","app_title":"title"},"env":{"fizz":"buzz"}}',
      })
      expect(ran.value).toEqual({
        aws_request_id: ran.requestId,
        log_group_name: '/aws/lambda/complete',
        log_stream_name: ran.logStreamName,
        function_name: 'complete',
        memory_limit_in_mb: '128',
        function_version: '7',
        invoked_function_arn: 'arn:aws:lambda:us-east-1:100000000001:function:complete:live',
        remaining: expect.any(Number),
        identity: [null, null],
        custom: { foo: 'bar' },
        env: { fizz: 'buzz' },
        client: ['id', 'title'],
      })
      const { remaining } = ran.value as { remaining: number }
      expect(remaining).toBeGreaterThan(7_000)
      expect(remaining).toBeLessThanOrEqual(9_000)
    })

    it('has no client context where none was given (recorded fact 97)', async () => {
      expect((await runPython('def handler(e, c): return c.client_context')).value).toBeNull()
    })
  })

  it('gives a function the variables of the platform and of the user, and no others', async () => {
    const spec = python('import os\ndef handler(e, c): return dict(os.environ)', {
      environment: { GREETING: 'grüß\n"Gott"', EMPTY: '' },
    })
    const ran = await kit.run(spec, {}, undefined, { traceId: 'Root=1-2' })
    expect(ran.value).toMatchObject({
      AWS_EXECUTION_ENV: `AWS_Lambda_${runtime}`,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      AWS_LAMBDA_LOG_STREAM_NAME: ran.logStreamName,
      PYTHONPATH: '/var/runtime',
      TZ: ':UTC',
      _HANDLER: 'index.handler',
      _X_AMZN_TRACE_ID: 'Root=1-2',
      GREETING: 'grüß\n"Gott"',
      EMPTY: '',
    })
    const others = Object.keys(ran.value as object).filter(
      (name) => !/^(_?AWS|LAMBDA|LANG|LD_|TZ|PATH|PWD|SHLVL|PYTHONPATH|_HANDLER|_X_)/.test(name),
    )
    // Python itself sets LC_CTYPE where the locale is not there.
    expect(others.filter((name) => name !== 'LC_CTYPE').sort()).toEqual(['EMPTY', 'GREETING'])
  })

  it('ignores no signals but those that Python ignores itself', async () => {
    const ran = await runPython(`
import signal
def handler(event, context):
    return [each.name for each in sorted(signal.valid_signals()) if isinstance(each, signal.Signals)
            and signal.getsignal(each) == signal.SIG_IGN]
`)
    expect(ran.value).toEqual(['SIGPIPE', 'SIGXFSZ'])
  })

  it('follows the variables TZ and PYTHONPATH of the user', async () => {
    const files = {
      'index.py': 'import time, inner\ndef handler(e, c): return [time.localtime(0).tm_hour, inner.value]',
      'lib/inner.py': 'value = "inner"',
    }
    const environment = { TZ: 'EST5', PYTHONPATH: '/var/task/lib' }
    expect((await kit.run(kit.spec(files, { runtime, environment }))).value).toEqual([19, 'inner'])
  })

  it('ends a handler whose time runs out, and the next event has a new environment (recorded fact 85)', async () => {
    const spec = python(
      'import time\nn = 0\ndef handler(event, context):\n    global n\n    n += 1\n    time.sleep(event["seconds"])\n    return n',
      { timeoutMs: 1_000 },
    )
    expect((await kit.run(spec, { seconds: 0 })).value).toBe(1)
    const ran = await kit.run(spec, { seconds: 60 })
    expect(ran.value).toEqual({
      errorType: 'Sandbox.Timedout',
      errorMessage: `RequestId: ${ran.requestId} Error: Task timed out after 1.00 seconds`,
    })
    expect(ran).toMatchObject({ outcome: { failure: 'TIMEOUT' }, durationUs: 1_000_000 })
    expect(await kit.run(spec, { seconds: 0 })).toMatchObject({ value: 1, isColdStart: true })
  })

  it('takes events of 6 MiB', async () => {
    const ran = await runPython(
      'def handler(event, c): return len(event["text"])',
      {},
      { text: 'x'.repeat(6 * MIB - 11) },
    )
    expect(ran.value).toBe(6 * MIB - 11)
  })

  it('returns results of 6 MiB and 100 bytes, and not one more (recorded fact 88)', async () => {
    const spec = python('def handler(event, c): return "x" * event["length"]')
    expect((await kit.run(spec, { length: LARGEST_RESULT_BYTES - 2 })).outcome.payload).toHaveLength(
      LARGEST_RESULT_BYTES,
    )
    const ran = await kit.run(spec, { length: LARGEST_RESULT_BYTES - 1 })
    expect(ran.outcome).toMatchObject({ failure: 'RESPONSE_TOO_LARGE' })
    expect(ran.value).toEqual({
      errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
      errorType: 'Function.ResponseSizeTooLarge',
    })
    expect(await kit.run(spec, { length: 1 })).toMatchObject({ value: 'x', isColdStart: false })
  })
})
