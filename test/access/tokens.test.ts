import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAccessTokens } from '../../src/access/tokens.ts'
import { type DrivenClock, drivenClock } from '../kit/drivenClock.ts'
import { createTestDatabase, type TestDatabase } from '../kit/testDatabase.ts'

const FIRST = '100000000001'
const STRANGER = '222222222222'

describe('access tokens', () => {
  let testDatabase: TestDatabase
  let clock: DrivenClock
  const node = () => createAccessTokens({ prisma: testDatabase.database.prisma, clock, region: 'us-east-1' })
  const create = (changes = {}) =>
    node().create(FIRST, { name: 'tested', role: 'ADMIN', expiresInSeconds: null, ...changes })
  beforeAll(async () => {
    testDatabase = await createTestDatabase()
    clock = drivenClock()
  })
  afterAll(() => testDatabase?.[Symbol.asyncDispose]())

  test('of nodes that start for the first time together exactly one creates the account and its token', async () => {
    const started = await Promise.all(Array.from({ length: 8 }, () => node().bootstrap()))
    const created = started.filter((first) => first !== null)
    expect(created).toEqual([{ accountId: FIRST, secret: expect.stringMatching(/^lql_[\w-]{43}$/) }])
    expect(await node().bootstrap()).toBeNull()
    const principal = await node().authenticate(created[0]!.secret, null)
    expect(principal).toMatchObject({ accountId: FIRST, region: 'us-east-1', role: 'ADMIN' })
    const regions = await testDatabase.database.prisma.accountRegion.findMany()
    expect(regions).toMatchObject([{ accountId: FIRST, region: 'us-east-1', concurrentExecutions: 1000 }])
  })

  test('a secret is kept nowhere', async () => {
    const { secret } = await create()
    const { rows } = await testDatabase.database.pool.query('SELECT access_token::text AS row FROM access_token')
    const hex = Buffer.from(secret).toString('hex')
    for (const { row } of rows) expect(row).not.toMatch(new RegExp(`${secret}|${hex}`))
  })

  test('a token holds until its time has come, also where it is remembered', async () => {
    const access = node()
    const { secret } = await create({ expiresInSeconds: 2 })
    expect(await access.authenticate(secret, null)).not.toBeNull()
    await clock.advance(1_999)
    expect(await access.authenticate(secret, null)).not.toBeNull()
    await clock.advance(1)
    expect(await access.authenticate(secret, null)).toBeNull()
  })

  test('a revocation holds at once where it was made, and within five seconds on other nodes', async () => {
    const [here, there] = [node(), node()]
    const { secret, accessToken } = await create()
    for (const access of [here, there]) expect(await access.authenticate(secret, null)).not.toBeNull()
    await here.revoke(FIRST, accessToken.id)
    expect(await here.authenticate(secret, null)).toBeNull()
    await clock.advance(5_000)
    expect(await there.authenticate(secret, null)).toBeNull()
  })

  test('revoking again changes nothing, and tells when it was revoked first', async () => {
    const access = node()
    const { accessToken } = await create()
    const { revokedAt } = await access.revoke(FIRST, accessToken.id)
    await clock.advance(1_000)
    expect((await access.revoke(FIRST, accessToken.id)).revokedAt).toEqual(revokedAt)
  })

  test('those who listen are told which token was revoked', async () => {
    const access = node()
    const { accessToken } = await create()
    const heard: string[] = []
    using _listener = access.onRevoked((id) => heard.push(id))
    await access.revoke(FIRST, accessToken.id)
    expect(heard).toEqual([accessToken.id])
  })

  test("another account's token does not exist", async () => {
    const access = node()
    const { accessToken } = await create()
    await expect(access.revoke(STRANGER, accessToken.id)).rejects.toMatchObject({ code: 'RESOURCE_NOT_FOUND' })
    expect(await access.byIds(STRANGER, [accessToken.id])).toEqual([null])
  })

  test('tokens are listed newest first, page by page, with those that are revoked', async () => {
    const access = node()
    const { accountId } = await access.createAccount('with tokens')
    const ids: string[] = []
    for (const name of ['a', 'b', 'c']) {
      const { accessToken } = await access.create(accountId, { name, role: 'INVOKER', expiresInSeconds: null })
      ids.unshift(accessToken.id)
    }
    await access.revoke(accountId, ids[1]!)
    const page = await access.list(accountId, { first: 2, after: null })
    expect([page.items.map(({ id }) => id), page.hasNextPage]).toEqual([ids.slice(0, 2), true])
    const rest = await access.list(accountId, { first: 2, after: ids[1]! })
    expect([rest.items.map(({ id }) => id), rest.hasNextPage]).toEqual([ids.slice(2), false])
  })

  test.each(['us-east-1', 'eu-central-1', 'us-gov-west-1', 'us-iso-east-1'])('%s is a region', async (region) => {
    const { secret } = await create()
    expect(await node().authenticate(secret, region)).toMatchObject({ region })
  })

  test.each(['', 'US-EAST-1', 'us-east', 'us-east-1; DROP', 'moon'])('"%s" is no region', async (region) => {
    await expect(node().authenticate('anything', region)).rejects.toMatchObject({ code: 'VALIDATION' })
  })

  test.each([
    ['an empty name', { name: ' ' }],
    ['a name of 129 characters', { name: 'x'.repeat(129) }],
    ['a life of no time', { expiresInSeconds: 0 }],
    ['a life of more than ten years', { expiresInSeconds: 315_360_001 }],
  ])('%s is refused', async (_case, changes) => {
    await expect(create(changes)).rejects.toMatchObject({ code: 'VALIDATION' })
  })

  test('no token is created for an account that does not exist', async () => {
    const created = node().create('999999999999', { name: 'x', role: 'ADMIN', expiresInSeconds: null })
    await expect(created).rejects.toMatchObject({ code: 'RESOURCE_NOT_FOUND' })
  })
})
