import { afterAll, describe, expect, it } from 'vitest'
import type { EnvironmentSpec } from '../../../src/environments/contract.ts'
import type { TelemetryEvent } from '../../../src/environments/telemetry/telemetryEvent.ts'
import { telemetryListener } from '../../kit/telemetryListener.ts'
import { createTestEnvironments } from '../../kit/testEnvironments.ts'

const kit = createTestEnvironments()
afterAll(() => kit[Symbol.asyncDispose]())

const HTTP = { protocol: 'HTTP', URI: 'http://sandbox.localdomain:4243/events?a=1' }
const subscription = (changes: object = {}) => ({
  schemaVersion: '2022-12-13',
  types: ['platform', 'function', 'extension'],
  destination: HTTP,
  buffering: { timeoutMs: 25 },
  ...changes,
})
const HANDLER = `const { existsSync, readFileSync } = require('node:fs')
const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8').trim().split('\\n') : [])
exports.handler = async (event) => {
  while (event.until && !read('/tmp/told').some((line) => line.includes(event.until))) await new Promise(setImmediate)
  if (event.until) return { told: read('/tmp/told').map((line) => JSON.parse(line)), requests: read('/tmp/requests') }
  if (event.fail) throw new TypeError('no')
  if (event.hang) await new Promise(() => setInterval(() => {}, 1000))
  console.log('a line')
  return 'done'
}`
const subscribed = (request: object, changes: Partial<EnvironmentSpec> = {}) =>
  kit.spec(
    { 'index.js': HANDLER },
    { layerSha256s: [kit.layer({ 'extensions/listener': telemetryListener(request) })], ...changes },
  )
interface Told {
  readonly told: readonly TelemetryEvent[]
  readonly requests: readonly string[]
}
/** What the extension has been told when it has heard of something of that type. */
const told = async (spec: EnvironmentSpec, until: string) => (await kit.run(spec, { until })).value as Told
const recordsOf = (events: readonly TelemetryEvent[], type: string) =>
  events.filter((event) => event.type === type).map(({ record }) => record)
const messages = (lines: readonly { readonly message: string }[]) => lines.map(({ message }) => message)

describe('an extension that subscribes', () => {
  it('is told of all that happens, from before it subscribed on, in its order', async () => {
    const spec = subscribed(subscription(), { memoryMiB: 256 })
    const first = await kit.run(spec, {}, undefined, { traceId: 'Root=1-7', billingStepMs: 100 })
    expect(first.value).toBe('done')
    expect(messages(first.initLines)).toContain('subscribed [200, "OK"]')
    const { told: events, requests } = await told(spec, 'platform.report')
    expect(new Set(requests)).toEqual(new Set(['/events?a=1 sandbox.localdomain:4243']))
    for (const { time } of events) expect(new Date(time).toISOString()).toBe(time)
    const ofFirst = events.slice(0, events.findIndex(({ type }) => type === 'platform.report') + 1)
    // The function loads while the extension is about to subscribe: which of them is first is open.
    const subscribedType = 'platform.telemetrySubscription'
    const platform = ofFirst.filter(({ type }) => type.startsWith('platform.') && type !== subscribedType)
    expect(recordsOf(ofFirst, subscribedType)).toEqual([
      { name: 'listener', state: 'Subscribed', types: ['platform', 'function', 'extension'] },
    ])
    expect(platform.map(({ type }) => type)).toEqual([
      'platform.initStart',
      'platform.initRuntimeDone',
      'platform.extension',
      'platform.initReport',
      'platform.start',
      'platform.runtimeDone',
      'platform.report',
    ])
    // What is printed comes on ways of its own, beside these: of each way, too, the order is kept.
    expect(recordsOf(ofFirst, 'function')).toEqual([expect.stringMatching(/\tINFO\ta line$/)])
    expect(recordsOf(ofFirst, 'extension')).toEqual(['subscribed [200, "OK"]', expect.stringMatching(/^again/)])
    const phase = { initializationType: 'on-demand', phase: 'init' }
    const tracing = { type: 'X-Amzn-Trace-Id', value: 'Root=1-7' }
    const { requestId } = first
    expect(platform.map(({ record }) => record)).toEqual([
      {
        ...phase,
        runtimeVersion: expect.stringMatching(/^nodejs:\d+\.v\d/),
        runtimeVersionArn: expect.stringMatching(/^arn:aws:lambda:us-east-1::runtime:/),
        functionName: 'tested',
        functionVersion: '$LATEST',
        instanceId: first.logStreamName,
        instanceMaxMemory: 256 * 1024 * 1024,
      },
      { ...phase, status: 'success' },
      { name: 'listener', state: 'Ready', events: ['INVOKE', 'SHUTDOWN'] },
      { ...phase, status: 'success', metrics: { durationMs: expect.any(Number) } },
      { requestId, version: '$LATEST', tracing },
      {
        requestId,
        status: 'success',
        tracing,
        metrics: { durationMs: expect.any(Number), producedBytes: '"done"'.length },
      },
      {
        requestId,
        status: 'success',
        tracing,
        metrics: {
          durationMs: first.durationUs / 1000,
          billedDurationMs: Math.ceil(first.durationUs / 100_000) * 100,
          memorySizeMB: 256,
          maxMemoryUsedMB: first.maxMemoryMiB,
          initDurationMs: first.initDurationUs! / 1000,
        },
      },
    ])
  })

  it('is told of the types that it asked for and of no others', async () => {
    const spec = subscribed(subscription({ types: ['function'] }))
    await kit.run(spec)
    const { told: events } = await told(spec, 'function')
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(['function']))
  })

  it('is told by lines of JSON where it asked for TCP', async () => {
    const spec = subscribed(subscription({ destination: { protocol: 'TCP', port: 4243 } }))
    const { requestId } = await kit.run(spec)
    const { told: events } = await told(spec, 'platform.runtimeDone')
    expect(recordsOf(events, 'platform.runtimeDone')[0]).toMatchObject({ requestId, status: 'success' })
  })

  it('is told how an event failed', async () => {
    const spec = subscribed(subscription())
    const { requestId } = await kit.run(spec, { fail: true })
    const { told: events } = await told(spec, 'platform.report')
    const failure = { requestId, status: 'error', errorType: 'Runtime.Unknown' }
    expect(recordsOf(events, 'platform.runtimeDone')[0]).toMatchObject(failure)
    expect(recordsOf(events, 'platform.report')[0]).toMatchObject(failure)
  })

  it('is told nothing that it must not know, and cannot subscribe any more, once the environment is ready', async () => {
    const spec = subscribed(subscription())
    const { lines } = await kit.run(spec)
    expect(messages(lines)).toContain(
      'again [403, {"errorMessage": "Telemetry API subscription is closed", "errorType": "Telemetry.SubscriptionClosed"}]',
    )
  })

  it.each([
    ['a port at which nobody listens', { protocol: 'TCP', port: 4244 }, 'Invalid destination: connect ECONNREFUSED'],
    [
      'a host that is not the sandbox',
      { protocol: 'HTTP', URI: 'http://127.0.0.1:4243' },
      'host must be sandbox.local',
    ],
  ])('is refused with %s', async (_case, destination, reason) => {
    const { initLines, value } = await kit.run(subscribed(subscription({ destination, types: ['function'] })))
    const answer = messages(initLines).find((line) => line.startsWith('subscribed [400'))
    expect(answer).toContain('"errorType": "ValidationError"')
    expect(answer).toContain(reason)
    expect(value).toBe('done')
  })

  it('works beside a custom runtime, and in a function that may not reach the internet', async () => {
    const bootstrap = `#!/bin/bash
api=http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation
while true; do
  id=$(curl -sS -D - -o /dev/null "$api/next" | sed -n 's/^lambda-runtime-aws-request-id: //Ip' | tr -d '\\r')
  echo printed
  curl -sS -o /dev/null -d "$(tail -n1 /tmp/told | head -c 4000)" "$api/$id/response"
done
`
    const layerSha256s = [
      kit.layer({ 'extensions/listener': telemetryListener(subscription({ types: ['function', 'platform'] })) }),
    ]
    const spec = kit.spec({ bootstrap }, { runtime: 'provided.al2023', layerSha256s, networkAccess: 'NONE' })
    await kit.run(spec)
    expect((await kit.run(spec)).value).toMatchObject({ type: expect.stringMatching(/^platform\./) })
  })
})

describe('an extension that harms', () => {
  /** Subscribes by TCP and does what the body says with each connection. */
  const server = (body: string) => `#!/usr/bin/python3
import json, os, socket, threading, time, urllib.request
api = 'http://' + os.environ['AWS_LAMBDA_RUNTIME_API']
server = socket.create_server(('127.0.0.1', 4243))
def serve():
    while True:
        connection, _ = server.accept()
        threading.Thread(target=handle, args=[connection], daemon=True).start()
def handle(connection):
    ${body}
threading.Thread(target=serve, daemon=True).start()
def call(method, path, body=None, **headers):
    return urllib.request.urlopen(urllib.request.Request(api + path, None if body is None else json.dumps(body).encode(), headers, method=method))
id = call('POST', '/2020-01-01/extension/register', {'events': ['INVOKE']}, **{'Lambda-Extension-Name': 'harms'}).headers['Lambda-Extension-Identifier']
me = {'Lambda-Extension-Identifier': id}
call('PUT', '/2022-07-01/telemetry', ${JSON.stringify(subscription())}, **me)
while True: call('GET', '/2020-01-01/extension/event/next', **me)
`
  it.each([
    ['never answers', 'time.sleep(3600)'],
    [
      'answers without an end',
      `connection.sendall(b'HTTP/1.1 200 OK\\r\\n\\r\\n')
    while True: connection.sendall(b'x' * 65536)`,
    ],
    ['answers with garbage', `connection.sendall(b'no HTTP at all\\r\\n\\r\\n'); connection.close()`],
  ])('and %s holds nobody up and nothing piles up', async (_case, body) => {
    const flood = `exports.handler = async () => { for (let i = 0; i < 200; i++) console.log('x'.repeat(10000)) }`
    const layerSha256s = [kit.layer({ 'extensions/harms': server(body) })]
    const spec = kit.spec({ 'index.js': flood }, { layerSha256s })
    const before = process.memoryUsage().external + process.memoryUsage().heapUsed
    for (let event = 0; event < 5; event += 1) expect(await kit.run(spec)).toMatchObject({ value: null })
    // Ten million bytes were written; at most two batches of 256 KiB are held.
    expect(process.memoryUsage().external + process.memoryUsage().heapUsed - before).toBeLessThan(100_000_000)
  })
})
