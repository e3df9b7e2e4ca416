import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { EnvironmentSpec } from '../../src/environments/contract.ts'
import { ProvisionedEnvironments, RETRY_MS } from '../../src/environments/provisionedEnvironments.ts'
import { drivenClock } from '../kit/drivenClock.ts'

const KEYS = ['a', 'b', 'c'] as const
type Key = (typeof KEYS)[number]
interface Member {
  readonly key: Key
}

const specOf = (key: Key): EnvironmentSpec => ({
  key,
  scope: { accountId: '100000000001', region: 'us-east-1' },
  functionId: key,
  functionName: key,
  versionNumber: 1,
  runtime: 'nodejs20.x',
  handler: 'index.handler',
  architecture: 'X86_64',
  memoryMiB: 128,
  timeoutMs: 3_000,
  ephemeralStorageMiB: 512,
  networkAccess: 'INTERNET',
  environment: {},
  codeSha256: key,
  layerSha256s: [],
  execWrapper: null,
})
const demandsOf = (counts: readonly number[], generation: number) =>
  KEYS.map((key, index) => ({ spec: specOf(key), count: counts[index]!, generation: String(generation) })).filter(
    ({ count }) => count > 0,
  )

const key = fc.constantFrom(...KEYS)
const step = fc.oneof(
  fc.record({
    kind: fc.constant('KEEP' as const),
    counts: fc.array(fc.nat({ max: 4 }), { minLength: 3, maxLength: 3 }),
  }),
  fc.record({ kind: fc.constantFrom('ADD' as const, 'TAKE' as const, 'RETIRE' as const, 'FAIL' as const), key }),
  fc.record({ kind: fc.constantFrom('GIVE_BACK' as const, 'END' as const), index: fc.nat({ max: 10 }) }),
)

it('what is kept, busy, idle and missing always adds up to what is wanted', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const clock = drivenClock()
      const provisioned = new ProvisionedEnvironments<Member>(clock, () => undefined)
      let wanted = [0, 0, 0]
      const failed = new Set<Key>()
      const idle = new Set<Member>()
      const busy = new Set<Member>()
      const letGo = (surplus: { readonly idle: readonly Member[]; readonly busy: readonly Member[] }) => {
        for (const member of surplus.idle) expect(idle.delete(member)).toBe(true)
        for (const member of surplus.busy) expect(busy.delete(member)).toBe(true)
      }
      const present = (which: Key) => [...idle, ...busy].filter((member) => member.key === which).length

      for (const [generation, each] of steps.entries()) {
        switch (each.kind) {
          case 'KEEP':
            wanted = each.counts
            failed.clear()
            letGo(
              provisioned.keep(
                demandsOf(wanted, generation),
                () => undefined,
                () => undefined,
              ),
            )
            break
          case 'RETIRE':
            wanted[KEYS.indexOf(each.key)] = 0
            failed.delete(each.key)
            letGo(provisioned.retire(each.key, new Set()))
            break
          case 'ADD': {
            const member = { key: each.key }
            const isWanted = present(each.key) < wanted[KEYS.indexOf(each.key)]!
            expect(provisioned.add(each.key, member)).toBe(isWanted)
            if (isWanted) busy.add(member)
            break
          }
          case 'TAKE': {
            const member = provisioned.takeIdle(each.key)
            expect(member === null).toBe(![...idle].some((one) => one.key === each.key))
            if (member !== null) {
              expect(member.key).toBe(each.key)
              idle.delete(member)
              busy.add(member)
            }
            break
          }
          case 'FAIL':
            if (wanted[KEYS.indexOf(each.key)]! > 0) failed.add(each.key)
            provisioned.fail(each.key, true)
            break
          case 'GIVE_BACK': {
            const member = [...busy][each.index]
            if (member === undefined) break
            provisioned.rest(member.key, member)
            busy.delete(member)
            idle.add(member)
            break
          }
          case 'END': {
            const member = [...busy, ...idle][each.index]
            if (member === undefined) break
            provisioned.remove(member.key, member)
            busy.delete(member)
            idle.delete(member)
            break
          }
        }
        expect(provisioned.idleCount).toBe(idle.size)
        const missing = new Map(provisioned.missing(() => 0).map(({ spec, count }) => [spec.key, count]))
        for (const [index, which] of KEYS.entries()) {
          expect(provisioned.counts().get(which)?.available ?? 0).toBe(present(which))
          expect(missing.get(which) ?? 0).toBe(failed.has(which) ? 0 : wanted[index]! - present(which))
        }
      }
    }),
  )
})

it('calls when a start may be tried again', async () => {
  const clock = drivenClock()
  let calls = 0
  const provisioned = new ProvisionedEnvironments<Member>(clock, () => {
    calls += 1
  })
  const keepNothing = () => undefined
  provisioned.keep(demandsOf([1, 0, 0], 1), keepNothing, keepNothing)
  provisioned.fail('a', true)
  expect(provisioned.missing(() => 0)).toEqual([])
  await clock.advance(RETRY_MS)
  expect(calls).toBe(1)
  expect(provisioned.missing(() => 0)).toMatchObject([{ count: 1 }])
})
