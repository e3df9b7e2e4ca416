import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { configurationFault, configurationViolations } from '../../src/model/configurationRules.ts'
import { RESERVED_ENVIRONMENT_NAMES } from '../../src/model/functionLimits.ts'
import { constraintMessage } from '../../src/model/smithyConstraint.ts'
import { tagFault, tagViolations } from '../../src/model/tagRules.ts'
import { isStorableText } from '../../src/model/textRules.ts'

const messageOf = (request: Parameters<typeof configurationViolations>[0]) => {
  const violations = configurationViolations(request)
  return violations.length === 0 ? null : constraintMessage(violations)
}
const says = (value: string, member: string, constraint: string) =>
  `1 validation error detected: ${value} at '${member}' failed to satisfy constraint: ${constraint}`

describe('a configuration breaks no constraint', () => {
  it('within the limits of memory, time and storage, and one beside them it does', () => {
    const limits = [
      ['memoryMiB', 'memorySize', 128, 10_240],
      ['timeoutSeconds', 'timeout', 1, 900],
      ['ephemeralStorageMiB', 'ephemeralStorage.size', 512, 10_240],
    ] as const
    for (const [field, member, least, most] of limits) {
      expect(messageOf({ [field]: least })).toBeNull()
      expect(messageOf({ [field]: most })).toBeNull()
      const low = `Member must have value greater than or equal to ${least}`
      expect(messageOf({ [field]: least - 1 })).toBe(says(`Value '${least - 1}'`, member, low))
      const high = `Member must have value less than or equal to ${most}`
      expect(messageOf({ [field]: most + 1 })).toBe(says(`Value '${most + 1}'`, member, high))
    }
  })

  it('with a handler of 1 to 128 characters without blanks', () => {
    expect(messageOf({ handler: 'a'.repeat(128) })).toBeNull()
    for (const handler of ['', 'a b', 'a\tb', 'x'.repeat(129)]) expect(messageOf({ handler })).not.toBeNull()
  })

  it('with a description of up to 256 characters', () => {
    expect(messageOf({ description: 'd'.repeat(256) })).toBeNull()
    expect(messageOf({ description: 'd'.repeat(257) })).toBe(
      says(`Value '${'d'.repeat(257)}'`, 'description', 'Member must have length less than or equal to 256'),
    )
  })

  it('with exactly one architecture (no. 23)', () => {
    expect(messageOf({ architectures: ['ARM64'] })).toBeNull()
    expect(messageOf({ architectures: ['X86_64', 'ARM64'] })).toBe(
      says("Value '[x86_64, arm64]'", 'architectures', 'Member must have length less than or equal to 1'),
    )
    expect(messageOf({ architectures: [] })).not.toBeNull()
  })

  it('with names of variables as AWS has them; values never stand in the message', () => {
    const named = (name: string) => ({ environment: [{ name, value: 'secret' }] })
    for (const name of ['AB', 'a1', 'a_b']) expect(messageOf(named(name))).toBeNull()
    for (const name of ['', 'A', '1A', '_A', 'A-B', 'A B', 'ÄB']) {
      expect(messageOf(named(name))).toBe(
        says(
          'Value',
          'environment.variables',
          'Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+, Member must not be null]',
        ),
      )
    }
  })
})

describe('the environment variables of a function', () => {
  const faultOf = (environment: { name: string; value: string }[]) =>
    configurationFault({ environment })?.message ?? null

  it('take 4,096 bytes of compact JSON and not one more (no. 28)', () => {
    const overhead = '{"AB":""}'.length
    const sized = (bytes: number) => [{ name: 'AB', value: 'x'.repeat(bytes - overhead) }]
    expect(faultOf(sized(4096))).toBeNull()
    expect(faultOf(sized(4097))).toMatch(/exceeded the 4KB limit\. String measured: \{"AB":"x+"\}$/)
    expect(faultOf([{ name: 'AB', value: 'ü'.repeat(2048) }])).toMatch(/4KB limit/)
  })

  it('are never the platform’s own', () => {
    for (const name of RESERVED_ENVIRONMENT_NAMES) expect(faultOf([{ name, value: '' }])).toContain(`request: ${name}`)
    expect(faultOf([{ name: 'TZ', value: 'UTC' }])).toBeNull()
  })

  it('are given once each, in text that a process can hold', () => {
    expect(
      faultOf([
        { name: 'AB', value: '1' },
        { name: 'AB', value: '2' },
      ]),
    ).toContain('AB is given more than once')
    expect(faultOf([{ name: 'AB', value: 'a\0b' }])).toContain('NUL')
  })
})

describe('labels', () => {
  it('have keys of 1 to 128 and values of up to 256 characters, and each key once', () => {
    expect(tagViolations([{ name: 'k'.repeat(128), value: 'v'.repeat(256) }])).toEqual([])
    expect(tagViolations([{ name: '', value: 'v'.repeat(257) }])).toHaveLength(2)
    expect(
      tagFault([
        { name: 'a', value: '' },
        { name: 'a', value: '' },
      ])?.message,
    ).toContain('more than once')
  })
})

describe('a text can be stored', () => {
  it('when it survives UTF-8 and has no NUL', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)) }), (text) => {
        const survives = Buffer.from(text).toString() === text
        expect(isStorableText(text)).toBe(survives && !text.includes('\0'))
      }),
    )
  })
})
