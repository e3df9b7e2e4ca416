import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  demandsOf,
  type ProvisioningRow,
  planProvisioning,
  reportsOf,
} from '../../../src/environments/provisioning/plan.ts'

const FUNCTION_ID = '00000000-0000-4000-8000-000000000001'

function row(
  qualifier: string,
  requested: number,
  number: number,
  alias: Partial<ProvisioningRow> = {},
): ProvisioningRow {
  return {
    functionId: FUNCTION_ID,
    qualifier,
    requested,
    putAt: new Date(1_000),
    status: 'IN_PROGRESS',
    statusReason: null,
    allocated: 0,
    available: 0,
    mainNumber: null,
    additionalNumber: null,
    additionalWeight: null,
    id: `version-${number}`,
    number,
    description: '',
    runtime: 'nodejs20.x',
    handler: 'index.handler',
    memoryMiB: 128,
    timeoutSeconds: 3,
    ephemeralStorageMiB: 512,
    networkAccess: 'INTERNET',
    environment: {},
    architecture: 'X86_64',
    codeSha256: new Uint8Array(32),
    layers: [],
    codeSizeBytes: 1,
    revisionId: 'revision',
    state: 'ACTIVE',
    stateReason: null,
    lastModified: new Date(0),
    deadLetterTargetArn: null,
    accountId: '100000000001',
    region: 'us-east-1',
    name: 'planned',
    ...alias,
  }
}

const stable = row('stable', 3, 1, { mainNumber: 1 })
const canary = { mainNumber: 1, additionalNumber: 2, additionalWeight: 0.25 }
const weighted = [row('canary', 4, 1, canary), row('canary', 4, 2, canary)]
const countsOf = (rows: readonly ProvisioningRow[], nodes: readonly string[], node: string) =>
  Object.fromEntries(
    demandsOf(planProvisioning(rows, nodes, node)).map(({ spec, count }) => [spec.versionNumber, count]),
  )

describe('the plan of a node', () => {
  it('adds up what several configs want of a version', () => {
    expect(countsOf([...weighted, stable], ['n'], 'n')).toEqual({ 1: 3 + 3, 2: 1 })
  })

  it('is nothing for a node that is not among those that live', () => {
    expect(countsOf([stable], ['n'], 'gone')).toEqual({})
  })

  it('gives all nodes together what is wanted', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 7 }), (requested, count) => {
        const nodes = Array.from({ length: count }, (_, index) => `node-${index}`)
        const shares = nodes.map((node) => countsOf([row('1', requested, 1)], nodes, node)[1] ?? 0)
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(requested)
      }),
    )
  })
})

describe('the report of a node', () => {
  const plans = planProvisioning([...weighted, stable], ['n'], 'n')
  const key = (version: number) => `version-${version}:revision`
  const report = (available: Readonly<Record<number, number>>, failed: readonly number[] = []) => {
    const counts = new Map(
      Object.entries(available).map(([version, count]) => [
        key(Number(version)),
        { available: count, hasFailed: failed.includes(Number(version)) },
      ]),
    )
    return [...reportsOf(plans, 'n', counts, []).values()]
      .flat()
      .map(({ qualifier, versionNumber, available: there, failure }) => [qualifier, versionNumber, there, failure])
  }

  it('fills one config after the other, and counts nothing twice', () => {
    expect(report({ 1: 4, 2: 1 })).toEqual([
      ['canary', 1, 3, null],
      ['canary', 2, 1, null],
      ['stable', 1, 1, null],
    ])
  })

  it('blames a failure on the configs that miss something for it', () => {
    expect(report({ 1: 4, 2: 1 }, [1, 2])).toEqual([
      ['canary', 1, 3, null],
      ['canary', 2, 1, null],
      ['stable', 1, 1, 'FUNCTION_ERROR_INIT_FAILURE'],
    ])
  })

  it('of nothing that was ever started is nothing', () => {
    expect(report({})).toEqual([
      ['canary', 1, 0, null],
      ['canary', 2, 0, null],
      ['stable', 1, 0, null],
    ])
  })
})
