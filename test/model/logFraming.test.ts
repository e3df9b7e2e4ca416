import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endLine, logTail, reportLine, startLine } from '../../src/model/logFraming.ts'

// Source: recorded facts 90 and 91 (LocalStack snapshot tests, Apache-2.0, test_invocation_with_logs).
describe('the frame of an attempt in the log is what AWS writes', () => {
  const report = { requestId: 'id', durationUs: 3_014, billedMs: 100, memoryMiB: 128, maxMemoryMiB: 41 }

  it('START and END', () => {
    expect(startLine('id', 0)).toBe('START RequestId: id Version: $LATEST')
    expect(startLine('id', 7)).toBe('START RequestId: id Version: 7')
    expect(endLine('id')).toBe('END RequestId: id')
  })

  it('REPORT of a cold start has the duration of the start', () => {
    expect(reportLine({ ...report, initDurationUs: 110_100 })).toBe(
      'REPORT RequestId: id\tDuration: 3.01 ms\tBilled Duration: 100 ms\tMemory Size: 128 MB\tMax Memory Used: 41 MB\tInit Duration: 110.10 ms\t',
    )
  })

  it('REPORT of a warm start has none', () => {
    expect(reportLine({ ...report, initDurationUs: null })).toBe(
      'REPORT RequestId: id\tDuration: 3.01 ms\tBilled Duration: 100 ms\tMemory Size: 128 MB\tMax Memory Used: 41 MB\t',
    )
  })
})

describe('the tail of a log', () => {
  it('is the whole log up to 4 KB', () => {
    expect(logTail(['a', 'b'])).toBe('a\nb\n')
  })

  it('is at most its last 4 KB, and never begins within a character', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 300 }), { maxLength: 40 }), (lines) => {
        const whole = lines.map((line) => `${line}\n`).join('')
        const tail = logTail(lines)
        expect(Buffer.byteLength(tail)).toBeLessThanOrEqual(4096)
        expect(whole).toContain(tail)
        if (Buffer.byteLength(whole) > 4096) expect(Buffer.byteLength(tail)).toBeGreaterThan(4096 - 4)
      }),
    )
  })
})
