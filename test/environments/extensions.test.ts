import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { EnvironmentSpec } from '../../src/environments/contract.ts'
import { eventually } from '../kit/eventually.ts'
import { createTestEnvironments } from '../kit/testEnvironments.ts'

const kit = createTestEnvironments()
afterAll(() => kit[Symbol.asyncDispose]())

const messages = (lines: readonly { readonly message: string }[]) => lines.map(({ message }) => message)

/** An extension of a few lines of shell: `body` runs for each event, which is in $event. */
const extension = (name: string, body: string, events = '"INVOKE","SHUTDOWN"', begin = '') => `#!/bin/bash
api=http://$AWS_LAMBDA_RUNTIME_API/2020-01-01/extension
id=$(curl -sS -D - -o /tmp/${name}.registered -H 'Lambda-Extension-Name: ${name}' -d '{"events":[${events}]}' "$api/register" |
  sed -n 's/^lambda-extension-identifier: //Ip' | tr -d '\\r')
next() { curl -sS -H "Lambda-Extension-Identifier: $id" "$api/event/next"; }
error() { curl -sS -o /dev/null -X POST -H "Lambda-Extension-Identifier: $id" -H 'Lambda-Extension-Function-Error-Type: Extension.Mine' "$api/$1/error"; }
${begin}
while true; do
  event=$(next)
  ${body}
done
`
const withExtensions = (
  extensions: Readonly<Record<string, string>>,
  changes: Partial<EnvironmentSpec> = {},
  handler = 'async (event) => event',
) => {
  const files = Object.entries(extensions).map(([name, text]) => [`extensions/${name}`, text])
  return kit.spec(
    { 'index.js': `exports.handler = ${handler}` },
    { layerSha256s: [kit.layer(Object.fromEntries(files))], ...changes },
  )
}
const failed = (errorType: string, errorMessage: RegExp) => ({
  outcome: expect.objectContaining({ kind: 'FAILED' }),
  value: { errorType, errorMessage: expect.stringMatching(errorMessage) },
})

describe('an extension', () => {
  it('registers before the function is loaded, and is told of each event, with all that AWS says of it', async () => {
    const spec = withExtensions(
      { watcher: extension('watcher', 'echo "event $event"', '"INVOKE"', 'cat /tmp/watcher.registered') },
      { handler: 'index.handler' },
    )
    const cold = await kit.run(spec, { n: 1 }, undefined, { traceId: 'Root=1-5' })
    expect(cold).toMatchObject({ value: { n: 1 }, isColdStart: true })
    const init = messages(cold.initLines)
    expect(init.slice(1)).toEqual([
      '{"functionName":"tested","functionVersion":"$LATEST","handler":"index.handler"}',
      'EXTENSION\tName: watcher\tState: Ready\tEvents: [INVOKE]',
    ])
    const told = (text: string | undefined) => JSON.parse(text?.replace(/^event /, '') ?? '')
    const event = {
      eventType: 'INVOKE',
      deadlineMs: expect.any(Number),
      requestId: cold.requestId,
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:100000000001:function:tested',
      tracing: { type: 'X-Amzn-Trace-Id', value: 'Root=1-5' },
    }
    expect(told(messages(cold.lines)[0])).toEqual(event)
    expect(told(messages(cold.lines)[0]).deadlineMs - cold.startedAtMs).toBeCloseTo(10_000, -3)
    const warm = await kit.run(spec, { n: 2 })
    expect(warm.isColdStart).toBe(false)
    expect(told(messages(warm.lines)[0])).toMatchObject({ requestId: warm.requestId })
  })

  it('holds the end of an event up until it asks for the next, and what it prints until then belongs to the event', async () => {
    const spec = withExtensions({ slow: extension('slow', 'sleep 0.3; echo done') })
    await kit.run(spec)
    const { durationUs, lines } = await kit.run(spec)
    expect(durationUs).toBeGreaterThan(300_000)
    expect(messages(lines)).toEqual(['done'])
  })

  it('has the variables of the function, but for those that are the runtime’s, and no descriptor of the service', async () => {
    const odd = { QUOTES: `a'b"c$(id)\`id\`\\`, LINES: 'one\ntwo\n', EMPTY: '' }
    const show = `open=; for number in {3..20}; do [ ! -e /proc/$$/fd/$number ] || open="$open$number "; done
      echo "open: $open"; pwd; env -0 | sort -z | tr '\\n\\0' '|\\n'`
    const spec = withExtensions({ shows: extension('shows', '', '', show) }, { environment: odd })
    const lines = messages((await kit.run(spec)).initLines)
    expect(lines).toContain('open: ')
    expect(lines).toContain('/')
    for (const line of [`QUOTES=${odd.QUOTES}`, 'LINES=one|two|', 'EMPTY=', 'AWS_LAMBDA_FUNCTION_NAME=tested']) {
      expect(lines).toContain(line)
    }
    expect(
      lines.filter((line) => /^(_HANDLER|LAMBDA_TASK_ROOT|AWS_EXECUTION_ENV|variables|newline)=/.test(line)),
    ).toEqual([])
  })

  it('works with custom runtimes, and several of them at once', async () => {
    const bootstrap = `#!/bin/bash
api=http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation
open=; for number in {3..20}; do [ ! -e /proc/$$/fd/$number ] || open="$open$number "; done
while true; do
  id=$(curl -sS -D - -o /dev/null "$api/next" | sed -n 's/^lambda-runtime-aws-request-id: //Ip' | tr -d '\\r')
  curl -sS -o /dev/null -d "\\"$MINE:$open\\"" "$api/$id/response"
done
`
    const layer = kit.layer({
      'extensions/one': extension('one', 'echo one'),
      'extensions/two': extension('two', 'echo two', '"INVOKE"'),
    })
    const changes = { runtime: 'provided.al2023', layerSha256s: [layer], environment: { MINE: 'x y' } } as const
    const spec = kit.spec({ bootstrap }, changes)
    for (let count = 0; count < 2; count += 1) {
      const { value, lines } = await kit.run(spec)
      expect(value).toBe('x y:')
      expect(messages(lines).sort()).toEqual(['one', 'two'])
    }
  })

  it('is stopped with the function between two events, and goes on with it', async () => {
    const spec = withExtensions({ ticks: extension('ticks', '(sleep 0.1; echo late) &') })
    await kit.run(spec)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(messages((await kit.run(spec)).lines)).toContain('late')
  })
})

describe('an extension fails the start', () => {
  it('when it ends before it is ready', async () => {
    const ran = await kit.run(withExtensions({ crashes: '#!/bin/sh\nexit 7\n' }))
    expect(ran).toMatchObject(failed('Extension.Crash', /^RequestId: [0-9a-f-]{36} Error: exit code 7$/))
    expect(messages(ran.initLines)).toContain('EXTENSION\tName: crashes\tState: Exited\tEvents: []')
  })

  it('when it says so', async () => {
    const ran = await kit.run(withExtensions({ gives: extension('gives', '', '"INVOKE"', 'error init; exit 1') }))
    expect(ran).toMatchObject(failed('Extension.InitError', /Error: exit code 1$/))
    const line = 'EXTENSION\tName: gives\tState: InitError\tEvents: [INVOKE]\tError Type: Extension.Mine'
    expect(messages(ran.initLines)).toContain(line)
  })

  it('when it cannot be run', async () => {
    const ran = await kit.run(withExtensions({ data: 'no program' }))
    expect(ran).toMatchObject(
      failed('Extension.LaunchError', /Error: fork\/exec \/opt\/extensions\/data: permission denied$/),
    )
    expect(messages(ran.initLines)).toContain(
      'EXTENSION\tName: data\tState: LaunchError\tEvents: []\tError Type: PermissionDenied',
    )
  })

  it('when there are more than ten', async () => {
    const many = Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`e${n}`, '#!/bin/sh\nsleep 9\n']))
    expect(await kit.run(withExtensions(many))).toMatchObject(
      failed('Extension.LaunchError', /Error: Extension limit \(10\) reached$/),
    )
  })
})

describe('an extension fails an event', () => {
  it('when it ends before the runtime has answered', async () => {
    const spec = withExtensions(
      { dies: extension('dies', 'exit 3') },
      {},
      'async () => new Promise((done) => setTimeout(done, 5000))',
    )
    expect(await kit.run(spec)).toMatchObject(failed('Extension.Crash', /Error: exit code 3$/))
    expect((await kit.run(spec)).isColdStart).toBe(true)
  })

  it('not when the runtime has answered: the answer stands, and the environment ends', async () => {
    const spec = withExtensions({ dies: extension('dies', 'sleep 0.2; error exit; exit 1') })
    expect(await kit.run(spec, { n: 1 })).toMatchObject({ value: { n: 1 }, isColdStart: true })
    expect((await kit.run(spec)).isColdStart).toBe(true)
  })

  it('not when it takes all the time: the answer stands', async () => {
    const spec = withExtensions({ slow: extension('slow', 'sleep 9') }, { timeoutMs: 1000 })
    const { value, durationUs } = await kit.run(spec, { n: 1 })
    expect(value).toEqual({ n: 1 })
    // A timer may ring a fraction of a millisecond before its time.
    expect(durationUs).toBeGreaterThan(990_000)
    expect(durationUs).toBeLessThanOrEqual(1_000_000)
  })
})

describe('at the end of an environment', () => {
  // Without isolation what an extension writes down can be read here.
  const folder = mkdtempSync(join(tmpdir(), 'lambdaql-shutdown-'))
  const bare = createTestEnvironments({ driver: 'process', logLevel: 'error' })
  afterAll(async () => {
    await bare[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  let count = 0
  /** A function whose extension writes down all of its events, and the runtime that it was ended. */
  function observed(handler: string, changes: Partial<EnvironmentSpec> = {}, atShutdown = 'exit 0') {
    count += 1
    const file = join(folder, String(count))
    const body = `FILE=${file}; printf '%s\\n' "$event" >> $FILE; case $event in *SHUTDOWN*) ${atShutdown};; esac`
    const layerSha256s = [bare.layer({ 'extensions/witness': extension('witness', body) })]
    const term = `process.on('SIGTERM', () => { require('fs').appendFileSync('${file}', '"SIGTERM"\\n'); process.exit() })`
    const spec = bare.spec({ 'index.js': `${term}\nexports.handler = ${handler}` }, { layerSha256s, ...changes })
    const lines = () => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [])
    return { spec, events: () => lines().map((line) => JSON.parse(line)) }
  }
  const shutdown = (shutdownReason: string) => ({
    eventType: 'SHUTDOWN',
    shutdownReason,
    deadlineMs: expect.any(Number),
  })

  it('the runtime is asked to end first, then extensions are told why, and waited for', async () => {
    const { spec, events } = observed('async () => 1', {}, `sleep 0.3; echo '"done"' >> $FILE; exit 0`)
    await bare.run(spec)
    const begin = Date.now()
    bare.pool.retire(spec.functionId, new Set())
    await expect
      .poll(events)
      .toEqual([expect.objectContaining({ eventType: 'INVOKE' }), 'SIGTERM', shutdown('spindown'), 'done'])
    expect(events()[2].deadlineMs - begin).toBeGreaterThan(1500)
    expect(events()[2].deadlineMs - begin).toBeLessThan(2500)
  })

  it('they are told of a timeout, behind which the function does not run on', async () => {
    const { spec, events } = observed('() => new Promise(() => setInterval(() => {}, 1000))', { timeoutMs: 1000 })
    expect(await bare.run(spec)).toMatchObject(failed('Sandbox.Timedout', /Task timed out after 1.00 seconds$/))
    await expect.poll(events).toEqual([expect.objectContaining({ eventType: 'INVOKE' }), shutdown('timeout')])
  })

  it('they are told of a failure: a runtime that ended within an event, or between two', async () => {
    const within = observed('async () => process.exit(3)')
    expect(await bare.run(within.spec)).toMatchObject(failed('Runtime.ExitError', /exit status 3$/))
    await expect.poll(within.events).toEqual([expect.objectContaining({ eventType: 'INVOKE' }), shutdown('failure')])
    const between = observed('async () => { setTimeout(() => process.exit(3), 5) }')
    await eventually(async () => {
      // A busy machine may stop it before its time has come: it ends within the next event then, and another one begins.
      const before = between.events().length
      await bare.run(between.spec)
      await new Promise((resolve) => setTimeout(resolve, 500))
      expect(between.events().slice(before)).toEqual([
        expect.objectContaining({ eventType: 'INVOKE' }),
        shutdown('failure'),
      ])
    })
    expect((await bare.run(between.spec)).isColdStart).toBe(true)
  })

  it('who does not end in time is ended: after two seconds', async () => {
    await using sandboxes = createTestEnvironments()
    const layer = sandboxes.layer({
      'extensions/stays': extension('stays', 'case $event in *SHUTDOWN*) sleep 60;; esac'),
    })
    await sandboxes.run(sandboxes.spec({ 'index.js': 'exports.handler = async () => 1' }, { layerSha256s: [layer] }))
    const begin = performance.now()
    await sandboxes.pool.stop()
    const tookMs = performance.now() - begin
    expect(tookMs).toBeGreaterThan(1900)
    expect(tookMs).toBeLessThan(3500)
  })

  it('who asked for no time has none', async () => {
    await using sandboxes = createTestEnvironments()
    const layer = sandboxes.layer({ 'extensions/stays': extension('stays', '', '"INVOKE"') })
    await sandboxes.run(sandboxes.spec({ 'index.js': 'exports.handler = async () => 1' }, { layerSha256s: [layer] }))
    const begin = performance.now()
    await sandboxes.pool.stop()
    expect(performance.now() - begin).toBeLessThan(1000)
  })
})
