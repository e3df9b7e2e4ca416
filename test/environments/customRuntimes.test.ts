import { afterAll, describe, expect, it } from 'vitest'
import type { EnvironmentSpec } from '../../src/environments/contract.ts'
import { createLog } from '../../src/log.ts'
import { systemClock } from '../../src/model/clock.ts'
import { openOutboundNetwork } from '../../src/network/openOutboundNetwork.ts'
import { testConfig } from '../kit/testConfig.ts'
import { createTestEnvironments } from '../kit/testEnvironments.ts'

// As functions have it, where this machine can: their API is then open before they are started.
const network = await openOutboundNetwork(testConfig({ network: 'internet' }), createLog('error'))
const kit = createTestEnvironments({}, systemClock(), { network })
afterAll(() => kit[Symbol.asyncDispose]())

/** A runtime of a few lines on Node.js: `handle(event, headers)` is what is tested. */
const nodeBootstrap = (handle: string, load = '') => `#!/usr/bin/env node
const api = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime'
const post = (path, body, headers = {}) => fetch(api + path, { method: 'POST', body, headers, duplex: 'half' })
const handle = ${handle}
async function main() {
  ${load}
  for (;;) {
    const next = await fetch(api + '/invocation/next')
    const event = await next.json()
    const id = next.headers.get('lambda-runtime-aws-request-id')
    const result = await handle(event, next.headers, id)
    if (result !== undefined) await post('/invocation/' + id + '/response', JSON.stringify(result))
  }
}
main()
`
const spec = (bootstrap: string, changes: Partial<EnvironmentSpec> = {}) =>
  kit.spec({ bootstrap }, { runtime: 'provided.al2023', ...changes })

const failed = (failure: string, value: object) => ({
  outcome: expect.objectContaining({ kind: 'FAILED', failure }),
  value: expect.objectContaining(value),
})
const messages = (lines: readonly { readonly message: string }[]) => lines.map(({ message }) => message)

describe('a custom runtime', () => {
  it('takes one event after the other, and what it prints belongs to the right one', async () => {
    const version = spec(nodeBootstrap('(event) => { console.log("got", event.n); return { echo: event } }'))
    const cold = await kit.run(version, { n: 1, text: 'ü' })
    const warm = [await kit.run(version, { n: 2 }), await kit.run(version, { n: 3 })]
    expect(cold).toMatchObject({ value: { echo: { n: 1, text: 'ü' } }, isColdStart: true })
    expect(cold.initDurationUs).toBeGreaterThan(0)
    expect(warm.map(({ value }) => value)).toEqual([{ echo: { n: 2 } }, { echo: { n: 3 } }])
    expect([cold, ...warm].map(({ lines }) => messages(lines))).toEqual([['got 1'], ['got 2'], ['got 3']])
    expect(messages(cold.initLines)[0]).toMatch(/^INIT_START Runtime Version: provided:al2023\.v\S+\t/)
  })

  it('needs no more than a shell and curl', async () => {
    const { value, lines } = await kit.run(
      spec(`#!/bin/bash
api=http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation
while true; do
  event=$(curl -sS -D /tmp/headers "$api/next")
  id=$(sed -n 's/^lambda-runtime-aws-request-id: \\([^\\r]*\\).*/\\1/Ip' /tmp/headers | tr -d '\\r')
  echo "event $id"
  curl -sS -o /dev/null -d "{\\"shell\\":$event}" "$api/$id/response"
done
`),
      { n: 1 },
    )
    expect(value).toEqual({ shell: { n: 1 } })
    expect(messages(lines)).toEqual([expect.stringMatching(/^event [0-9a-f-]{36}$/)])
  })

  it('is told what AWS tells it', async () => {
    const ran = await kit.run(spec(nodeBootstrap('(event, headers) => Object.fromEntries(headers)')), {}, undefined, {
      clientContext: '{"custom":{"ü":1}}',
      traceId: 'Root=1-5f0c;Sampled=0',
    })
    expect(ran.value).toMatchObject({
      'lambda-runtime-aws-request-id': ran.requestId,
      'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:100000000001:function:tested',
      'lambda-runtime-trace-id': 'Root=1-5f0c;Sampled=0',
      'lambda-runtime-client-context': '{"custom":{"\\u00fc":1}}',
    })
    const { 'lambda-runtime-deadline-ms': deadline } = ran.value as Record<string, string>
    expect(Number(deadline) - ran.startedAtMs).toBeCloseTo(10_000, -3)
  })

  it("finds the variables of AWS and the user's own, whatever is in them (recorded facts 101 to 103)", async () => {
    const odd = { QUOTES: `a'b"c$(id)\`id\`\\`, LINES: 'one\ntwo\n', EMPTY: '', IFS: ':', UID: '7', folder: 'x' }
    const { value } = await kit.run(
      spec(nodeBootstrap('() => process.env'), { environment: odd, handler: 'my.handler', memoryMiB: 256 }),
    )
    expect(value).toMatchObject({
      ...odd,
      AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001',
      AWS_LAMBDA_FUNCTION_NAME: 'tested',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_REGION: 'us-east-1',
      LAMBDA_TASK_ROOT: '/var/task',
      LAMBDA_RUNTIME_DIR: '/var/runtime',
      LANG: 'en_US.UTF-8',
      TZ: ':UTC',
      _HANDLER: 'my.handler',
    })
    for (const name of ['AWS_EXECUTION_ENV', 'variables', 'denied', 'NODE_PATH', 'PYTHONPATH', 'OLDPWD']) {
      expect(value).not.toHaveProperty(name)
    }
  })

  it('finds nothing open but its standard streams, and its code as the working folder', async () => {
    const { value } = await kit.run(
      spec(`#!/bin/bash
api=http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation
open=
for number in {3..100}; do [ ! -e /proc/$$/fd/$number ] || open="$open$number "; done
id=$(curl -sS -D - -o /dev/null "$api/next" | sed -n 's/^lambda-runtime-aws-request-id: //Ip' | tr -d '\\r')
curl -sS -d "\\"$open$PWD\\"" "$api/$id/response"
`),
    )
    expect(value).toMatch(/^\/var\/task$/)
  })

  it('answers with text that is no JSON as a string', async () => {
    const bootstrap = nodeBootstrap(
      'async (event, headers, id) => { await post("/invocation/" + id + "/response", "plain") }',
    )
    expect((await kit.run(spec(bootstrap))).outcome).toEqual({ kind: 'SUCCEEDED', payload: '"plain"' })
  })

  it('may write a traceback as one line with \\r, which is one record of several lines', async () => {
    const { lines } = await kit.run(spec(nodeBootstrap('() => { process.stdout.write("one\\rtwo\\n"); return 1 }')))
    expect(messages(lines)).toEqual(['one\ntwo'])
  })

  it('has all that it prints in one event read within it, however slow the reader is', async () => {
    // Node.js itself would hold back what the reader does not take.
    const print = `#!/bin/bash
api=http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation
id=$(curl -sS -D - -o /dev/null "$api/next" | sed -n 's/^lambda-runtime-aws-request-id: //Ip' | tr -d '\\r')
for number in {0..2999}; do printf 'line %d %0200d\\n' "$number" 0; done
curl -sS -o /dev/null -d 1 "$api/$id/response"
curl -sS "$api/next"
`
    const slowly = (line: { readonly message: string }) =>
      line.message.startsWith('line 1000 ') ? new Promise<void>((resolve) => setTimeout(resolve, 300)) : undefined
    const { lines } = await kit.run(spec(print), {}, slowly)
    expect(lines.length).toBe(3000)
    expect(lines.at(-1)?.message).toMatch(/^line 2999 /)
  })

  it('is stopped between two events and goes on with the next', async () => {
    const version = spec(
      nodeBootstrap(
        '() => { ticks = 0; setInterval(() => ticks++, 1); return before }',
        'setInterval(() => { before = ticks }, 1)',
      ).replace('const api', 'let ticks = 0, before = 0\nconst api'),
    )
    await kit.run(version)
    await new Promise((resolve) => setTimeout(resolve, 500))
    const { value, isColdStart } = await kit.run(version)
    expect(isColdStart).toBe(false)
    expect(value).toBeLessThan(200)
  })

  it('is answered without waiting for quiet', async () => {
    const version = spec(nodeBootstrap('(event) => event'))
    await kit.run(version)
    const durations = []
    for (let count = 0; count < 20; count++) {
      const begin = performance.now()
      await kit.run(version)
      durations.push(performance.now() - begin)
    }
    expect(durations.sort((a, b) => a - b)[10]).toBeLessThan(50)
  })
})

describe('an error of a custom runtime', () => {
  it("is the function's, and the environment goes on", async () => {
    const error = '{"errorType":"Function.Bad","errorMessage":"no","stackTrace":[]}'
    const version = spec(
      nodeBootstrap(`async (event, headers, id) => { await post('/invocation/' + id + '/error', '${error}') }`),
    )
    expect((await kit.run(version)).outcome).toEqual({ kind: 'FAILED', failure: 'HANDLER_ERROR', payload: error })
    expect((await kit.run(version)).isColdStart).toBe(false)
  })

  it('that it tells before it ends is the outcome; the next event finds a new environment', async () => {
    const error = '{"errorType":"panic"}'
    const version = spec(
      nodeBootstrap(`async (event, headers, id) => {
        await post('/invocation/' + id + '/error', '${error}')
        console.error('the last words')
        process.exit(1)
      }`),
    )
    const ran = await kit.run(version)
    expect(ran.outcome).toEqual({ kind: 'FAILED', failure: 'HANDLER_ERROR', payload: error })
    expect(messages(ran.lines)).toEqual(['the last words'])
    expect((await kit.run(version)).isColdStart).toBe(true)
  })

  it('of its start is the outcome of the event', async () => {
    const error = '{"errorType":"Runtime.ImportModuleError","errorMessage":"no module"}'
    const ran = await kit.run(spec(nodeBootstrap('() => 1', `await post('/init/error', '${error}'); process.exit(1)`)))
    expect(ran.outcome).toEqual({ kind: 'FAILED', failure: 'INIT_ERROR', payload: error })
  })

  it.each([
    ['process.exit(0)', 'Runtime exited without providing a reason'],
    ['process.exit(127)', 'Runtime exited with error: exit status 127'],
    [
      'process.kill(process.pid, "SIGSEGV"); await new Promise(() => setInterval(() => 0, 1000))',
      'Runtime exited with error: signal: segmentation fault (core dumped)',
    ],
  ])('is how it ended, in the start and in an event: %s (recorded facts 83 and 84)', async (code, text) => {
    for (const bootstrap of [nodeBootstrap(`async () => { ${code} }`), nodeBootstrap('() => 1', code)]) {
      const ran = await kit.run(spec(bootstrap))
      const errorMessage = `RequestId: ${ran.requestId} Error: ${text}`
      expect(ran).toMatchObject(failed('CRASH', { errorType: 'Runtime.ExitError', errorMessage }))
      expect(messages(ran.lines).at(-1)).toBe(`${errorMessage}\nRuntime.ExitError`)
    }
  })

  it('is a timeout when no answer comes (recorded fact 85)', async () => {
    const bootstrap = nodeBootstrap('() => new Promise(() => setInterval(() => 0, 1000))')
    const ran = await kit.run(spec(bootstrap, { timeoutMs: 1000 }))
    const errorMessage = `RequestId: ${ran.requestId} Error: Task timed out after 1.00 seconds`
    expect(ran).toMatchObject(failed('TIMEOUT', { errorType: 'Sandbox.Timedout', errorMessage }))
  })

  it('is none when it answered, but does not come back in time: the answer stands and the environment ends', async () => {
    const bootstrap = nodeBootstrap(`async (event, headers, id) => {
      await post('/invocation/' + id + '/response', '"early"')
      await new Promise(() => setInterval(() => 0, 1000))
    }`)
    const version = spec(bootstrap, { timeoutMs: 1000 })
    expect((await kit.run(version)).outcome).toEqual({ kind: 'SUCCEEDED', payload: '"early"' })
    expect((await kit.run(version)).isColdStart).toBe(true)
  })

  it('is a response that is too large, and the next event is handled (recorded fact 88)', async () => {
    const version = spec(nodeBootstrap('(event) => "x".repeat(event.size)'))
    expect(await kit.run(version, { size: 7 * 1024 * 1024 })).toMatchObject(
      failed('RESPONSE_TOO_LARGE', { errorType: 'Function.ResponseSizeTooLarge' }),
    )
    expect(await kit.run(version, { size: 1 })).toMatchObject({ value: 'x', isColdStart: false })
  })
})

describe('a package without a bootstrap that can be started', () => {
  it('is answered with where it was looked for', async () => {
    const ran = await kit.run(kit.spec({ 'index.js': '' }, { runtime: 'provided.al2' }))
    const reason = "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"
    const errorMessage = `RequestId: ${ran.requestId} Error: ${reason}`
    expect(ran).toMatchObject(failed('INIT_ERROR', { errorType: 'Runtime.InvalidEntrypoint', errorMessage }))
  })

  it('is answered with that it is not executable', async () => {
    const ran = await kit.run(kit.spec({ bootstrap: 'echo' }, { runtime: 'provided.al2023' }))
    const errorMessage = `RequestId: ${ran.requestId} Error: fork/exec /var/task/bootstrap: permission denied`
    expect(ran).toMatchObject(failed('INIT_ERROR', { errorType: 'Runtime.InvalidEntrypoint', errorMessage }))
  })

  it("ends with the shell's status where its interpreter is not there", async () => {
    const ran = await kit.run(spec('#!/no/such/program\n'))
    expect(ran).toMatchObject(failed('CRASH', { errorType: 'Runtime.ExitError' }))
  })
})

describe('the Runtime API of an environment', () => {
  it('is at its address inside, and out of reach of the host', async () => {
    let reached: Promise<unknown> = Promise.resolve()
    const version = spec(
      nodeBootstrap(`async () => {
        const { status } = await fetch('http://127.0.0.1:9001/')
        console.log('reached')
        await new Promise((resolve) => setTimeout(resolve, 300))
        return status
      }`),
    )
    const ran = await kit.run(version, {}, () => {
      reached = fetch('http://127.0.0.1:9001/').catch((error: Error) => error.message)
      return undefined
    })
    expect([ran.value, await reached]).toEqual([404, 'fetch failed'])
  })

  it('is one for each: two at once have their own events', async () => {
    const version = spec(
      nodeBootstrap('async (event) => { await new Promise((r) => setTimeout(r, 300)); return event }'),
    )
    const ran = await Promise.all([1, 2, 3].map((n) => kit.run(version, { n })))
    expect(ran.map(({ value }) => value)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
  })

  it('is there for who has no way out as well', async () => {
    const version = spec(nodeBootstrap('(event) => ({ echo: event })'), { networkAccess: 'NONE' })
    expect((await kit.run(version, 1)).value).toEqual({ echo: 1 })
    expect((await kit.run(version, 2)).isColdStart).toBe(false)
  })

  it('survives a flood of connections and of garbage', async () => {
    const flood = `async (event) => {
      const net = require('node:net')
      const sockets = Array.from({ length: 500 }, () => net.connect(9001, '127.0.0.1').on('error', () => 0))
      for (const socket of sockets) socket.write('GARBAGE\\r\\n'.repeat(1000))
      await new Promise((resolve) => setTimeout(resolve, 100))
      for (const socket of sockets) socket.destroy()
      return 'alive'
    }`
    expect((await kit.run(spec(nodeBootstrap(flood), { memoryMiB: 256 }))).value).toBe('alive')
    expect((await kit.run(spec(nodeBootstrap('() => 1')))).value).toBe(1)
  })
})

describe('without isolation', () => {
  it('a custom runtime finds its Runtime API on the loopback', async () => {
    await using bare = createTestEnvironments({ driver: 'process' })
    const bootstrap = nodeBootstrap('(event) => [event, process.env.MINE]')
    const version = bare.spec({ bootstrap }, { runtime: 'provided.al2023', environment: { MINE: "it's" } })
    expect((await bare.run(version, 1)).value).toEqual([1, "it's"])
    expect((await bare.run(version, 2)).isColdStart).toBe(false)
  })
})
