import { describe, expect, it } from 'vitest'
import { readTelemetrySubscription } from '../../../src/environments/telemetry/telemetrySubscription.ts'

const HTTP = { protocol: 'HTTP', URI: 'http://sandbox.localdomain:8080/a/path?q=1' }
const read = (changes: object) =>
  readTelemetrySubscription(
    Buffer.from(JSON.stringify({ schemaVersion: '2022-12-13', types: ['platform'], destination: HTTP, ...changes })),
  )
const DEFAULTS = { maxItems: 10_000, maxBytes: 262_144, timeoutMs: 1_000 }

describe('a subscription to telemetry', () => {
  it('has AWS’s defaults', () => {
    expect(read({})).toEqual({
      categories: ['platform'],
      target: { protocol: 'HTTP', port: 8080, path: '/a/path?q=1' },
      buffering: DEFAULTS,
    })
    expect(read({ buffering: { timeoutMs: 25 } }).buffering).toEqual({ ...DEFAULTS, timeoutMs: 25 })
  })

  it.each(['2022-07-01', '2022-12-13', '2025-01-29'])('may be of the schema %s', (schemaVersion) => {
    expect(() => read({ schemaVersion })).not.toThrow()
  })

  it('names each type once', () => {
    expect(read({ types: ['function', 'extension', 'function'] }).categories).toEqual(['function', 'extension'])
  })

  it('has a port of HTTP where it names none', () => {
    expect(read({ destination: { protocol: 'HTTP', URI: 'http://sandbox' } }).target).toMatchObject({ port: 80 })
  })

  it.each([
    ['no known schema', { schemaVersion: '2021-01-01' }, 'schemaVersion must be one of'],
    ['no types', { types: [] }, 'types must be a list'],
    ['an unknown type', { types: ['platform', 'lunch'] }, 'types must be a list'],
    ['no destination', { destination: undefined }, 'destination must be an object'],
    ['an unknown protocol', { destination: { protocol: 'UDP' } }, 'destination.protocol must be HTTP or TCP'],
    ['a port that is none', { destination: { protocol: 'TCP', port: 65_536 } }, 'destination.port must be'],
    ['no port', { destination: { protocol: 'TCP' } }, 'destination.port must be'],
    ['no URI', { destination: { protocol: 'HTTP' } }, 'destination.URI must be a URI'],
    ['a URI of another protocol', { destination: { protocol: 'HTTP', URI: 'https://sandbox' } }, 'http://'],
    ['another host', { destination: { protocol: 'HTTP', URI: 'http://169.254.169.254/' } }, 'host must be sandbox'],
    ['a buffer that is too small', { buffering: { maxItems: 999 } }, 'buffering.maxItems must be a number from 1000'],
    ['a buffer that is too large', { buffering: { maxBytes: 1_048_577 } }, 'buffering.maxBytes must be'],
    ['a time that is none', { buffering: { timeoutMs: '25' } }, 'buffering.timeoutMs must be'],
    ['a buffer that is none', { buffering: [] }, 'buffering must be an object'],
  ])('is refused with %s, by name', (_case, changes, message) => {
    expect(() => read(changes)).toThrow(message)
  })

  it.each(['', '{', 'null', '[]', '"x"'])('is refused where its body is %j', (text) => {
    expect(() => readTelemetrySubscription(Buffer.from(text))).toThrow(RangeError)
  })
})
