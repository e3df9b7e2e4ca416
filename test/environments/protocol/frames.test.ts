import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  encodeFrame,
  type Frame,
  FrameDecoder,
  LARGEST_FRAME_BYTES,
  ProtocolViolation,
} from '../../../src/environments/protocol/frames.ts'
import { messageOf } from '../../../src/environments/protocol/messages.ts'
import { PlatformFault } from '../../../src/errors.ts'

const frames = fc.array(
  fc.record({
    type: fc.integer({ min: 0, max: 255 }),
    header: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean())),
    body: fc.uint8Array({ maxLength: 300 }),
  }),
  { maxLength: 8 },
)

/** Cuts bytes at arbitrary places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
}

describe('frames', () => {
  it('come out as they went in, however their bytes are cut', () => {
    fc.assert(
      fc.property(frames, fc.array(fc.nat(), { maxLength: 20 }), (sent, places) => {
        const bytes = Buffer.concat(sent.map(({ type, header, body }) => encodeFrame(type, header, body)))
        const decoder = new FrameDecoder()
        const received: Frame[] = cut(bytes, places).flatMap((chunk) => decoder.push(chunk))
        expect(received.map(({ type, header, body }) => ({ type, header, body: [...body] }))).toEqual(
          sent.map(({ type, header, body }) => ({ type, header: JSON.parse(JSON.stringify(header)), body: [...body] })),
        )
      }),
    )
  })

  it('of arbitrary bytes are frames or a violation, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 10 }), (chunks) => {
        const decoder = new FrameDecoder()
        try {
          for (const chunk of chunks) for (const frame of decoder.push(Buffer.from(chunk))) messageOf(frame)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolViolation)
        }
      }),
    )
  })

  it('that would be larger than any real one are refused as soon as their length is known', () => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(LARGEST_FRAME_BYTES + 1)
    expect(() => new FrameDecoder().push(length)).toThrow(ProtocolViolation)
  })

  it('of the service are never too large', () => {
    expect(() => encodeFrame(2, {}, Buffer.alloc(LARGEST_FRAME_BYTES))).toThrow(PlatformFault)
  })
})

describe('messages', () => {
  const frame = (type: number, header: unknown, body = '') => ({ type, header, body: Buffer.from(body) })

  it('are what a bootstrap says', () => {
    expect(messageOf(frame(17, {}))).toEqual({ kind: 'READY' })
    expect(messageOf(frame(19, { requestId: 'r' }, '{"a":1}'))).toEqual({
      kind: 'RESULT',
      requestId: 'r',
      payload: '{"a":1}',
    })
    expect(messageOf(frame(20, { requestId: 'r', failure: 'HANDLER_ERROR' }, '{}'))).toEqual({
      kind: 'ERROR',
      requestId: 'r',
      failure: 'HANDLER_ERROR',
      payload: '{}',
      isLast: false,
    })
    expect(messageOf(frame(21, { source: 'STDERR' }, 'two\nlines'))).toEqual({
      kind: 'LOG',
      source: 'STDERR',
      messages: ['two\nlines'],
    })
  })

  it.each([
    ['an unknown type', frame(99, {})],
    ['a result without a request', frame(19, {}, '1')],
    ['a result with a request that is no text', frame(19, { requestId: 1 }, '1')],
    ['a result that is not JSON', frame(19, { requestId: 'r' }, '{')],
    ['a result that is empty', frame(19, { requestId: 'r' }, '')],
    ['a failure that only the platform may state', frame(20, { requestId: 'r', failure: 'TIMEOUT' }, '{}')],
    ['a header that is null', frame(20, null, '{}')],
    ['a header that is an array', frame(19, ['r'], '{}')],
  ])('are not %s', (_, wrong) => {
    expect(() => messageOf(wrong)).toThrow(ProtocolViolation)
  })
})
