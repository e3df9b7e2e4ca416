import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ConcurrencyLimiter, createConcurrencyLimiter, type Lease } from '../../src/concurrency/limiter.ts'
import { ThrottleFault } from '../../src/errors.ts'
import { relayWakeups } from '../../src/events/relayWakeups.ts'
import { createWakeups } from '../../src/events/wakeups.ts'
import { registerNode } from '../../src/invocations/sql/nodes.ts'
import { createTestDatabase, type TestDatabase } from '../kit/testDatabase.ts'

const FUNCTIONS = [randomUUID(), randomUUID(), randomUUID()] as const
const [a, b] = FUNCTIONS
const HOUR_MS = 3_600_000

interface TestNode extends Disposable {
  readonly id: string
  readonly limiter: ConcurrencyLimiter
}

let test: TestDatabase
let scope: { accountId: string; region: string }
let accounts = 0

beforeAll(async () => {
  test = await createTestDatabase()
})
afterAll(() => test[Symbol.asyncDispose]())
beforeEach(newAccount)

/** An account with a limit and three functions; every round has one of its own. */
async function newAccount(): Promise<void> {
  accounts += 1
  scope = { accountId: String(200_000_000_000 + accounts), region: 'us-east-1' }
  const { pool } = test.database
  await pool.query('DELETE FROM node')
  await pool.query('INSERT INTO account (id, name) VALUES ($1, $2)', [scope.accountId, 'of a test'])
  await pool.query('DELETE FROM function')
  for (const id of FUNCTIONS) {
    await pool.query('INSERT INTO function (id, account_id, region, name) VALUES ($1, $2, $3, $4)', [
      id,
      scope.accountId,
      scope.region,
      id,
    ])
  }
  await setLimit(8)
}

const setLimit = (limit: number) =>
  test.database.pool.query(
    `INSERT INTO account_region (account_id, region, concurrent_executions) VALUES ($1, $2, $3)
     ON CONFLICT (account_id, region) DO UPDATE SET concurrent_executions = $3`,
    [scope.accountId, scope.region, limit],
  )
const reserve = (functionId: string, share: number | null) =>
  test.database.pool.query('UPDATE function SET reserved_concurrency = $2 WHERE id = $1', [functionId, share])

/** A node like that of a service: with wake-ups that really go through the database. */
async function startNode(): Promise<TestNode> {
  const id = randomUUID()
  const { pool, listener } = test.database
  await pool.query({ ...registerNode, values: [id, randomUUID(), HOUR_MS] })
  const wakeups = createWakeups()
  const relay = relayWakeups(listener, wakeups)
  const limiter = createConcurrencyLimiter({
    database: pool,
    wakeups,
    nodeId: id,
    confirmMembership: async () => undefined,
  })
  return { id, limiter, [Symbol.dispose]: () => relay[Symbol.dispose]() }
}

const provision = (functionId: string, share: number | null) =>
  share === null
    ? test.database.pool.query('DELETE FROM provisioned_concurrency_config WHERE function_id = $1', [functionId])
    : test.database.pool.query(
        `INSERT INTO provisioned_concurrency_config (function_id, qualifier, requested, last_modified, status)
         VALUES ($1, '1', $2, now(), 'IN_PROGRESS')
         ON CONFLICT (function_id, qualifier) DO UPDATE SET requested = $2`,
        [functionId, share],
      )

const expire = (id: string) => test.database.pool.query('UPDATE node SET expires_at = now() WHERE id = $1', [id])

type Step =
  | { readonly kind: 'ACQUIRE'; readonly node: number; readonly function: number }
  | { readonly kind: 'RELEASE'; readonly index: number }
  | { readonly kind: 'RESERVE'; readonly function: number; readonly share: number | null }
  | { readonly kind: 'PROVISION'; readonly function: number; readonly share: number | null }
  | { readonly kind: 'LIMIT'; readonly limit: number }
  | { readonly kind: 'DIE'; readonly node: number }

const node = fc.nat({ max: 2 })
const functionIndex = fc.nat({ max: FUNCTIONS.length - 1 })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('ACQUIRE' as const), node, function: functionIndex }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('RELEASE' as const), index: fc.nat({ max: 12 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('RESERVE' as const),
      function: functionIndex,
      share: fc.option(fc.nat({ max: 3 })),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('PROVISION' as const),
      function: functionIndex,
      share: fc.option(fc.integer({ min: 1, max: 3 })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('LIMIT' as const), limit: fc.nat({ max: 12 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('DIE' as const), node }) },
)

/** What the rules allow, told without slices: counts of all nodes together against the limits. */
class Oracle {
  limit = 8
  readonly reserved = new Map<string, number>()
  readonly provisioned = new Map<string, number>()
  readonly running: { readonly node: TestNode; readonly functionId: string; readonly lease: Lease }[] = []

  allows(functionId: string): boolean {
    const running = this.#runningOf(functionId)
    const share = this.reserved.get(functionId)
    if (share !== undefined) return running + this.#overdrawn(functionId) < share
    const kept = this.#keptOf(functionId)
    if (running + this.#overdrawn(functionId) < kept) return true
    return this.#sharedUse() + this.#overdrawn('shared') < this.#shared()
  }

  isReserved(functionId: string): boolean {
    return this.reserved.has(functionId)
  }

  #runningOf(functionId: string): number {
    return this.running.filter((one) => one.functionId === functionId).length
  }

  /** What is kept free for a function that has nothing reserved. */
  #keptOf(functionId: string): number {
    return this.isReserved(functionId) ? 0 : (this.provisioned.get(functionId) ?? 0)
  }

  #shared(): number {
    const guaranteed = FUNCTIONS.map((id) => this.reserved.get(id) ?? this.#keptOf(id))
    return Math.max(0, this.limit - guaranteed.reduce((sum, share) => sum + share, 0))
  }

  #sharedUse(): number {
    const beyond = FUNCTIONS.filter((id) => !this.isReserved(id)).map((id) =>
      Math.max(0, this.#runningOf(id) - this.#keptOf(id)),
    )
    return beyond.reduce((sum, count) => sum + count, 0)
  }

  /** What other pools run beyond what they have since they became smaller. */
  #overdrawn(pool: string): number {
    let sum = pool === 'shared' ? 0 : Math.max(0, this.#sharedUse() - this.#shared())
    for (const [id, share] of this.reserved) if (id !== pool) sum += Math.max(0, this.#runningOf(id) - share)
    return sum
  }
}

/** The first answer of several tries: a slice may be on its way between two nodes on a slow machine. */
async function acquirePatiently({ limiter }: TestNode, functionId: string): Promise<Lease | ThrottleFault> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await limiter.acquire(scope, functionId)
    } catch (fault) {
      if (!(fault instanceof ThrottleFault)) throw fault
      if (tries === 20) return fault
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

describe('the limit of an account', () => {
  it('is exact on three nodes, whatever is reserved, provisioned, released, changed, or dies', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
        await newAccount()
        const oracle = new Oracle()
        const nodes = await Promise.all([startNode(), startNode(), startNode()])
        for (const each of steps) {
          switch (each.kind) {
            case 'LIMIT':
              oracle.limit = each.limit
              await setLimit(each.limit)
              await Promise.all(nodes.map(({ limiter }) => limiter.limitsChanged(scope)))
              break
            case 'RESERVE': {
              const functionId = FUNCTIONS[each.function]!
              if (each.share === null) oracle.reserved.delete(functionId)
              else oracle.reserved.set(functionId, each.share)
              await reserve(functionId, each.share)
              await Promise.all(nodes.map(({ limiter }) => limiter.limitsChanged(scope)))
              break
            }
            case 'PROVISION': {
              const functionId = FUNCTIONS[each.function]!
              if (each.share === null) oracle.provisioned.delete(functionId)
              else oracle.provisioned.set(functionId, each.share)
              await provision(functionId, each.share)
              await Promise.all(nodes.map(({ limiter }) => limiter.limitsChanged(scope)))
              break
            }
            case 'RELEASE':
              oracle.running.splice(each.index, 1)[0]?.lease[Symbol.dispose]()
              break
            case 'DIE': {
              const [dead] = nodes.splice(each.node, 1, await startNode())
              dead![Symbol.dispose]()
              await expire(dead!.id)
              oracle.running.splice(0, Infinity, ...oracle.running.filter((one) => one.node !== dead))
              break
            }
            case 'ACQUIRE': {
              const functionId = FUNCTIONS[each.function]!
              const taker = nodes[each.node]!
              const isAllowed = oracle.allows(functionId)
              const lease = isAllowed
                ? await acquirePatiently(taker, functionId)
                : await taker.limiter.acquire(scope, functionId).catch((fault: unknown) => fault)
              expect(lease instanceof ThrottleFault).toBe(!isAllowed)
              if (isAllowed) oracle.running.push({ node: taker, functionId, lease: lease as Lease })
              else {
                expect((lease as ThrottleFault).reason).toBe(
                  oracle.isReserved(functionId)
                    ? 'RESERVED_FUNCTION_CONCURRENT_INVOCATION_LIMIT_EXCEEDED'
                    : 'CONCURRENT_INVOCATION_LIMIT_EXCEEDED',
                )
              }
            }
          }
          const counted = nodes.reduce((sum, { limiter }) => sum + limiter.inUse(scope), 0)
          expect(counted).toBe(oracle.running.length)
        }
        for (const each of nodes) each[Symbol.dispose]()
      }),
      { numRuns: 20 },
    )
  }, 120_000)

  it('is reached and not exceeded by callers that come to three nodes at the same moment', async () => {
    await setLimit(50)
    await reserve(a, 7)
    const nodes = await Promise.all([startNode(), startNode(), startNode()])
    const ask = (id: string, count: number) =>
      Promise.allSettled(Array.from({ length: count }, (_, index) => nodes[index % 3]!.limiter.acquire(scope, id)))
    const [reserved, shared] = await Promise.all([ask(a, 60), ask(b, 300)])
    expect(reserved.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(7)
    expect(shared.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(43)
    // Whoever comes afterwards finds what is left, wherever it is held.
    for (const [id, limit] of [
      [a, 7],
      [b, 43],
    ] as const) {
      let taken = (id === a ? reserved : shared).filter(({ status }) => status === 'fulfilled').length
      while (taken < limit) {
        expect(await acquirePatiently(nodes[taken % 3]!, id)).not.toBeInstanceOf(ThrottleFault)
        taken += 1
      }
      await expect(nodes[0]!.limiter.acquire(scope, id)).rejects.toBeInstanceOf(ThrottleFault)
    }
    for (const each of nodes) each[Symbol.dispose]()
  })

  it('is free again on another node as soon as the node that had it is known to be dead', async () => {
    await setLimit(4)
    const [dying, living] = [await startNode(), await startNode()]
    for (let count = 0; count < 4; count += 1) await dying.limiter.acquire(scope, b)
    await expect(living.limiter.acquire(scope, b)).rejects.toBeInstanceOf(ThrottleFault)
    await expire(dying.id)
    expect(await acquirePatiently(living, b)).not.toBeInstanceOf(ThrottleFault)
  })

  it('is not granted from slices that a node lost while it stood still', async () => {
    await setLimit(4)
    const [asleep, awake] = [await startNode(), await startNode()]
    await asleep.limiter.acquire(scope, b)
    await expire(asleep.id)
    for (let count = 0; count < 4; count += 1) await acquirePatiently(awake, b)
    await test.database.pool.query('DELETE FROM node WHERE id = $1', [asleep.id])
    await test.database.pool.query({
      ...registerNode,
      values: [asleep.id, randomUUID(), HOUR_MS],
    })
    asleep.limiter.loseSlices()
    await expect(asleep.limiter.acquire(scope, b)).rejects.toBeInstanceOf(ThrottleFault)
  })

  it('asks the database once on a node alone, not at every invocation', async () => {
    const alone = await startNode()
    await alone.limiter.acquire(scope, b)
    await test.database.pool.query('DELETE FROM account_region WHERE account_id = $1', [scope.accountId])
    for (let count = 0; count < 7; count += 1) await alone.limiter.acquire(scope, b)
    await expect(alone.limiter.acquire(scope, b)).rejects.toMatchObject({ limit: 8 })
  })
})

describe('a lease', () => {
  it('is given back once, however often it is disposed of', async () => {
    const { limiter } = await startNode()
    const [first] = [await limiter.acquire(scope, b), await limiter.acquire(scope, b)]
    first[Symbol.dispose]()
    first[Symbol.dispose]()
    expect(limiter.inUse(scope)).toBe(1)
  })
})
