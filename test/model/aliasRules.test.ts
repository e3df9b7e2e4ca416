import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  aliasFault,
  aliasNameViolations,
  aliasVersionViolations,
  candidateOf,
  chooseVersion,
  weightViolations,
} from '../../src/model/aliasRules.ts'

describe('the name of an alias', () => {
  it('is letters, digits, - and _, and not only digits (no. 69)', () => {
    for (const name of ['live', '2024-01-02', 'a', '_', '1a', 'x'.repeat(128)])
      expect(aliasNameViolations(name)).toEqual([])
    for (const name of ['2024', '', 'a.b', 'a b', '$LATEST', 'x'.repeat(129), 'ä', 'a\n']) {
      expect(aliasNameViolations(name)).not.toEqual([])
    }
  })
})

describe('the version of an alias', () => {
  it('is a number or $LATEST', () => {
    for (const version of ['1', '123', '$LATEST']) expect(aliasVersionViolations(version)).toEqual([])
    for (const version of ['', 'live', '$latest', '-1', '1.0']) expect(aliasVersionViolations(version)).not.toEqual([])
  })
})

describe('the weights of an alias', () => {
  it('are from 0 to 1, for numbered versions (no. 62, 64)', () => {
    fc.assert(
      fc.property(fc.double(), fc.nat(), (weight, version) => {
        const isInRange = weight >= 0 && weight <= 1
        expect(weightViolations([{ version: String(version), weight }])).toHaveLength(isInRange ? 0 : 1)
      }),
    )
    expect(weightViolations([{ version: '$LATEST', weight: 3 }])).toHaveLength(2)
    expect(weightViolations([])).toEqual([])
  })

  it('are written as Java writes numbers', () => {
    const value = weightViolations([
      { version: '1', weight: 2 },
      { version: '2', weight: 0.25 },
    ])[0]?.value
    expect(value).toBe('{1=2.0, 2=0.25}')
  })
})

describe('an alias', () => {
  it.each([
    ['to one version', '1', [], null],
    ['to $LATEST (no. 60)', '$LATEST', [], null],
    ['to two versions', '1', ['2'], null],
    [
      'to $LATEST and a version (no. 61)',
      '$LATEST',
      ['1'],
      '$LATEST is not supported for an alias pointing to more than 1 version',
    ],
    [
      'to three versions (no. 63)',
      '1',
      ['2', '3'],
      'Number of items in AdditionalVersionWeights cannot be greater than 1',
    ],
    [
      'to one version twice (no. 65)',
      '1',
      ['1'],
      'Invalid function version 1. Function version 1 is already included in routing configuration.',
    ],
  ])('%s', (_what, functionVersion, versions, message) => {
    const weights = versions.map((version) => ({ version, weight: 0.5 }))
    expect(aliasFault({ functionVersion, weights })?.message ?? null).toBe(message)
  })

  it('that is not changed is a candidate that keeps the rules', () => {
    const alias = { versionNumber: 1, additionalNumber: 2, additionalWeight: 0.5 }
    expect(candidateOf(alias)).toEqual({ functionVersion: '1', weights: [{ version: '2', weight: 0.5 }] })
    expect(candidateOf({ versionNumber: 0, additionalNumber: null, additionalWeight: null })).toEqual({
      functionVersion: '$LATEST',
      weights: [],
    })
  })
})

describe('the choice between two versions', () => {
  it('gives the second one exactly its weight of all values of random', () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
    const weight = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(random, weight, (value, additionalWeight) => {
        const alias = { versionNumber: 1, additionalNumber: 2, additionalWeight }
        expect(chooseVersion(alias, value)).toBe(value < additionalWeight ? 2 : 1)
      }),
    )
    const all = (additionalWeight: number) =>
      [0, 0.5, 0.999999].map((value) =>
        chooseVersion({ versionNumber: 1, additionalNumber: 2, additionalWeight }, value),
      )
    expect(all(0)).toEqual([1, 1, 1])
    expect(all(1)).toEqual([2, 2, 2])
  })

  it('is none where there is one version', () => {
    expect(chooseVersion({ versionNumber: 7, additionalNumber: null, additionalWeight: null }, 0)).toBe(7)
  })
})
