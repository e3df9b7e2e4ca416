import { afterAll, describe, expect, it } from 'vitest'
import type { EnvironmentSpec, ResponseSink } from '../../src/environments/contract.ts'
import { createTestEnvironments } from '../kit/testEnvironments.ts'

const kit = createTestEnvironments()
afterAll(() => kit[Symbol.asyncDispose]())

/** A sink that keeps what it is given, and takes as much as it is told to. */
function recordingSink(): ResponseSink & {
  text(): string
  lengthBytes: number
  hasBegun: boolean
  hold(): () => void
} {
  const chunks: Buffer[] = []
  let held: Promise<void> | undefined
  return {
    hasBegun: false,
    lengthBytes: 0,
    begin() {
      expect(this.hasBegun).toBe(false)
      this.hasBegun = true
    },
    write(bytes) {
      this.lengthBytes += bytes.length
      if (this.lengthBytes < 1024 * 1024) chunks.push(Buffer.from(bytes))
      return held
    },
    text: () => Buffer.concat(chunks).toString('utf8'),
    hold() {
      let release: () => void = () => undefined
      held = new Promise((resolve) => {
        release = resolve
      })
      return () => {
        held = undefined
        release()
      }
    },
  }
}

function streaming(source: string, changes: Partial<EnvironmentSpec> = {}) {
  const code = `import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
export const handler = awslambda.streamifyResponse(async (event, stream, context) => {\n${source}\n})`
  return kit.spec({ 'index.mjs': code }, changes)
}

describe('a Node.js handler that streams', () => {
  it('gives what it writes to the sink, and its outcome has nothing of it', async () => {
    const spec = streaming(
      `stream.write('one '); stream.write(Buffer.from('two ')); stream.end({ three: context.awsRequestId })`,
    )
    for (const requestId of ['first', 'second']) {
      const sink = recordingSink()
      const { outcome } = await kit.run(spec, {}, undefined, { requestId, responseSink: sink })
      expect(outcome).toEqual({ kind: 'SUCCEEDED', payload: 'null' })
      expect(sink.text()).toBe(`one two {"three":"${requestId}"}`)
    }
  })

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
})
