import { afterAll, describe, expect, it } from 'vitest'
import type { EnvironmentSpec } from '../../src/environments/contract.ts'
import type { RuntimeIdentifier } from '../../src/model/runtime.ts'
import { recordingSink, withResolver } from '../kit/recordingSink.ts'
import { createTestEnvironments } from '../kit/testEnvironments.ts'

const MIB = 1024 * 1024
const WINDOW_BYTES = 256 * 1024
const kit = createTestEnvironments()
afterAll(() => kit[Symbol.asyncDispose]())

function streaming(source: string, changes: Partial<EnvironmentSpec> = {}) {
  const code = `import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
export const handler = awslambda.streamifyResponse(async (event, stream, context) => {\n${source}\n})`
  return kit.spec({ 'index.mjs': code }, changes)
}

describe('a Node.js handler that streams', () => {
  const RUNTIMES = ['nodejs20.x', 'nodejs22.x', 'nodejs24.x'] satisfies RuntimeIdentifier[]
  it.each(RUNTIMES)(
    'gives what it writes to the sink, and its outcome has nothing of it: %s',
    async (runtime) => {
      const spec = streaming(
        `stream.write('one '); stream.write(Buffer.from('two ')); stream.end({ three: context.awsRequestId })`,
        { runtime },
      )
      for (const requestId of ['first', 'second']) {
        const sink = recordingSink()
        const { outcome } = await kit.run(spec, {}, undefined, { requestId, responseSink: sink })
        expect(outcome).toEqual({ kind: 'SUCCEEDED', payload: 'null', streamedBytes: sink.lengthBytes })
        expect(sink.text()).toBe(`one two {"three":"${requestId}"}`)
      }
    },
    180_000,
  )

  it.each([
    ['JSON', `stream.end('{"a":1}')`, { a: 1 }],
    ['text', `stream.write('a '); stream.write('b'); stream.end()`, 'a b'],
    ['nothing', 'stream.end()', null],
    [
      'a prelude',
      `awslambda.HttpResponseStream.from(stream, { statusCode: 201 }).end('made')`,
      `{"statusCode":201}${'\0'.repeat(8)}made`,
    ],
  ])('is collected where nobody takes the stream: %s', async (_, source, value) => {
    expect((await kit.run(streaming(source))).value).toEqual(value)
  })

  it('answers as any other where it is not marked: the sink hears nothing', async () => {
    const sink = recordingSink()
    const spec = kit.spec({ 'index.mjs': 'export const handler = async () => ({ plain: true })' })
    expect((await kit.run(spec, {}, undefined, { responseSink: sink })).value).toEqual({ plain: true })
    expect(sink.hasBegun).toBe(false)
  })

  it('waits for a sink that wants no more, is not kept from anything else meanwhile, and goes on', async () => {
    const sink = recordingSink()
    const release = sink.hold()
    const waited = withResolver()
    const spec = streaming(`
      setTimeout(() => console.log('meanwhile'), 100)
      await pipeline(Readable.from((function* () { for (let n = 0; n < 128; n++) yield Buffer.alloc(65536, 'x') })()), stream)
      console.log('written')`)
    const lines: string[] = []
    const running = kit.run(
      spec,
      {},
      ({ message }) => {
        lines.push(message.split('\t').at(-1)!)
        if (message.endsWith('meanwhile')) waited.resolve()
        return undefined
      },
      { responseSink: sink },
    )
    await waited.promise
    expect(sink.lengthBytes).toBe(WINDOW_BYTES)
    expect(lines).toEqual(['meanwhile'])
    release()
    expect((await running).outcome.kind).toBe('SUCCEEDED')
    expect(lines).toEqual(['meanwhile', 'written'])
    expect(sink.lengthBytes).toBe(8 * MIB)
  })

  it('has something left to do while it waits for nothing but its reader', async () => {
    const sink = recordingSink()
    const release = sink.hold()
    const spec = streaming('stream.end(Buffer.alloc(2 * 1024 * 1024))')
    const running = kit.run(spec, {}, undefined, { responseSink: sink })
    await expect.poll(() => sink.lengthBytes, { interval: 5 }).toBe(WINDOW_BYTES)
    release()
    expect((await running).outcome.kind).toBe('SUCCEEDED')
    expect(sink.lengthBytes).toBe(2 * MIB)
  })

  it.each([
    ['throws', `throw new RangeError('in the middle')`, { errorType: 'RangeError', errorMessage: 'in the middle' }],
    ['destroys its stream', `stream.destroy(new TypeError('torn'))`, { errorType: 'TypeError', errorMessage: 'torn' }],
    ['destroys its stream without a reason', 'stream.destroy()', { errorMessage: 'Response stream is not finished.' }],
    [
      'throws what nobody catches',
      `setImmediate(() => { throw new Error('late') }); await new Promise(() => {})`,
      { errorMessage: 'late' },
    ],
    ['leaves its stream open', '', { errorType: 'Runtime.NodeJsExit' }],
    [
      'exits',
      'process.exit(3)',
      { errorType: 'Runtime.ExitError', errorMessage: expect.stringMatching(/exit status 3$/) },
    ],
    ['writes behind the end', `stream.end(); stream.write('x')`, { errorMessage: 'write after end' }],
    [
      'sets its type too late',
      `stream.setContentType('text/plain')`,
      { errorType: 'Runtime.InvalidStreamingOperation', errorMessage: 'Cannot set content-type, too late.' },
    ],
  ])('fails where it %s in the middle, and what it had written has gone on', async (_, source, error) => {
    const sink = recordingSink()
    const spec = streaming(`stream.write('half')\n${source}`)
    const { outcome, value } = await kit.run(spec, {}, undefined, { responseSink: sink })
    expect(outcome.kind).toBe('FAILED')
    expect(value).toMatchObject(error)
    expect(sink.text()).toBe('half')
  })

  it('times out though its sink takes nothing, and ends', async () => {
    const sink = recordingSink()
    sink.hold()
    const spec = streaming('stream.end(Buffer.alloc(2 * 1024 * 1024))', { timeoutMs: 300 })
    const { outcome } = await kit.run(spec, {}, undefined, { responseSink: sink })
    expect(outcome).toMatchObject({ kind: 'FAILED', failure: 'TIMEOUT' })
  })

  it('cannot write into the next event what it goes on to write after its own', async () => {
    const spec = streaming(`
      if (event.next) return void stream.end('next')
      const timer = setInterval(() => stream.write('late'), 1)
      stream.write('early')
      throw new Error('as asked')`)
    const first = recordingSink()
    expect((await kit.run(spec, {}, undefined, { responseSink: first })).outcome.kind).toBe('FAILED')
    const second = recordingSink()
    const ran = await kit.run(spec, { next: true }, undefined, { responseSink: second })
    expect(ran).toMatchObject({ outcome: { kind: 'SUCCEEDED' }, isColdStart: false })
    expect([first.text(), second.text()]).toEqual(['early', 'next'])
  })

  it('may stream 200 MiB and no byte more, and 6 MiB where nobody takes the stream', async () => {
    const spec = streaming(
      `
      const piece = Buffer.alloc(1024 * 1024)
      for (let n = 0; n < event.pieces; n++) if (!stream.write(piece)) await new Promise((go) => stream.once('drain', go))
      stream.end(Buffer.alloc(event.bytes))`,
      { timeoutMs: 30_000 },
    )
    const sink = recordingSink()
    const whole = await kit.run(spec, { pieces: 200, bytes: 0 }, undefined, { responseSink: sink })
    expect(whole.outcome.kind).toBe('SUCCEEDED')
    expect(sink.lengthBytes).toBe(200 * MIB)
    const more = await kit.run(spec, { pieces: 200, bytes: 1 }, undefined, { responseSink: recordingSink() })
    expect(more).toMatchObject({
      outcome: { failure: 'RESPONSE_TOO_LARGE' },
      value: {
        errorType: 'Function.ResponseSizeTooLarge',
        errorMessage: 'Response payload size exceeded maximum allowed payload size (209715200 bytes).',
      },
    })
    expect((await kit.run(spec, { pieces: 6, bytes: 100 })).outcome.kind).toBe('SUCCEEDED')
    expect(await kit.run(spec, { pieces: 6, bytes: 101 })).toMatchObject({
      outcome: { failure: 'RESPONSE_TOO_LARGE' },
      value: { errorMessage: expect.stringContaining('(6291556 bytes)') },
    })
  })

  it('is refused where it is not asynchronous, or marked for what there is not', async () => {
    const plain = kit.spec({
      'index.mjs': `export const handler = awslambda.streamifyResponse((_, stream) => stream.end())`,
    })
    expect((await kit.run(plain)).value).toMatchObject({
      errorMessage: 'Streaming does not support non-async handlers.',
    })
    const marked = `const handler = async () => 1
handler[Symbol.for('aws.lambda.runtime.handler.streaming')] = 'request'
export { handler }`
    expect((await kit.run(kit.spec({ 'index.mjs': marked }))).value).toMatchObject({
      errorType: 'Runtime.MalformedStreamingHandler',
      errorMessage: 'Only response streaming is supported.',
    })
  })

  it('finds no global where it wants none, and is told that what it returns is ignored', async () => {
    const environment = { AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA: '1' }
    const none = kit.spec({ 'index.mjs': 'export const handler = async () => typeof awslambda' }, { environment })
    expect((await kit.run(none)).value).toBe('undefined')
    const { lines } = await kit.run(streaming(`stream.end(); return 'ignored'`))
    expect(lines.map(({ message }) => message.split('\t').at(-1))).toEqual(['Streaming handlers ignore return values.'])
  })
})

describe('a function that speaks for its runtime while its response is streamed', () => {
  const CHUNK = 22
  /** Writes frames of its own for as long as it can. */
  const forging = (write: string) =>
    kit.spec(
      {
        'index.mjs': `import { writeSync } from 'node:fs'
function frame(type, header, body) {
  const head = Buffer.from(JSON.stringify(header))
  const prefix = Buffer.alloc(9)
  prefix.writeUInt32BE(5 + head.length + body.length, 0)
  prefix.writeUInt8(type, 4)
  prefix.writeUInt32BE(head.length, 5)
  return Buffer.concat([prefix, head, body])
}
function send(bytes) {
  for (let at = 0; at < bytes.length; ) {
    try { at += writeSync(4, bytes, at) } catch (error) { if (error.code !== 'EAGAIN') throw error }
  }
}
export const handler = async (event, { awsRequestId: requestId }) => { ${write} }`,
      },
      { timeoutMs: 700 },
    )

  it.each([
    ['of one byte', 1],
    ['of a mebibyte', MIB],
  ])('is not read any further than the window, whatever it has been told: pieces %s', async (_, size) => {
    const spec = forging(`
      const many = Buffer.concat(Array(Math.max(1, 65536 / ${size} | 0)).fill(frame(${CHUNK}, { requestId }, Buffer.alloc(${size}))))
      for (;;) send(many)`)
    const sink = recordingSink()
    sink.hold()
    const before = process.memoryUsage().rss
    const { outcome } = await kit.run(spec, {}, undefined, { responseSink: sink })
    expect(outcome).toMatchObject({ kind: 'FAILED', failure: 'TIMEOUT' })
    expect(sink.lengthBytes).toBeGreaterThan(0)
    expect(sink.lengthBytes).toBeLessThanOrEqual(2 * WINDOW_BYTES + size)
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * MIB)
  })

  it('fills no memory with small pieces where nobody takes them', async () => {
    const spec = forging(`
      const many = Buffer.concat(Array(1000).fill(frame(${CHUNK}, { requestId }, Buffer.alloc(1))))
      for (;;) send(many)`)
    const before = process.memoryUsage().rss
    const { outcome } = await kit.run(spec)
    expect(outcome.kind).toBe('FAILED')
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * MIB)
  })

  it.each([
    ['a piece of the response of another event', `send(frame(${CHUNK}, { requestId: 'another' }, Buffer.from('x')))`],
    ['a piece of nobody', `send(frame(${CHUNK}, {}, Buffer.from('x')))`],
    ['an end of another response', `send(frame(23, { requestId: 'another' }, Buffer.alloc(0)))`],
    [
      'a result behind a piece',
      `send(frame(${CHUNK}, { requestId }, Buffer.from('x'))); send(frame(19, { requestId }, Buffer.from('1')))`,
    ],
  ])('ends with %s', async (_, source) => {
    const spec = forging(`${source}; await new Promise((go) => setTimeout(go, 5000))`)
    const { outcome } = await kit.run(spec, {}, undefined, { responseSink: recordingSink() })
    expect(outcome).toMatchObject({ kind: 'FAILED', failure: 'CRASH' })
  })
})
