import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AccessTokens, createAccessTokens } from '../../src/access/tokens.ts'
import { systemClock } from '../../src/model/clock.ts'
import { graphqlClient } from '../kit/graphqlClient.ts'
import { startTestService, type TestService } from '../kit/testService.ts'

const VIEWER = '{ viewer { account { accountId name } region role } }'

describe('who may call', () => {
  let service: TestService
  /** Another node's access room over the same database. */
  let elsewhere: AccessTokens
  beforeAll(async () => {
    service = await startTestService()
    elsewhere = createAccessTokens({ prisma: service.database.prisma, clock: systemClock(), region: 'us-east-1' })
  })
  afterAll(() => service?.[Symbol.asyncDispose]())

  const post = (headers: Record<string, string>, query = VIEWER) =>
    fetch(`${service.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query }),
    })
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

  /** As `fetch`, but with headers that it does not let one set. */
  const raw = (path: string, headers: Record<string, string>) =>
    new Promise<number>((resolve, reject) => {
      const { hostname, port } = new URL(service.url)
      httpRequest({ hostname, port, path, headers }, (response) => {
        response.resume()
        resolve(response.statusCode!)
      })
        .on('error', reject)
        .end()
    })

  test('a token tells its account, the region and the role', async () => {
    const response = await post(bearer(service.token))
    expect(response.status).toBe(200)
    const account = { accountId: '100000000001', name: 'default' }
    expect(await response.json()).toEqual({ data: { viewer: { account, region: 'us-east-1', role: 'ADMIN' } } })
  })

  test.each([
    ['no token', {}],
    ['a token that nobody has', bearer(`lql_${'A'.repeat(43)}`)],
    ['what is no token', bearer('secret')],
    ['another scheme', { authorization: 'Basic bGFtYmRhOnFs' }],
  ])('%s is refused with a sentence that says where tokens are', async (_case, headers) => {
    const response = await post(headers)
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    const { errors } = (await response.json()) as { errors: { message: string; extensions: { code: string } }[] }
    expect(errors).toHaveLength(1)
    expect(errors[0]?.extensions.code).toBe('UNAUTHENTICATED')
    expect(errors[0]?.message).toContain('npm run token')
  })

  test('a revoked token is refused at once on the node that revoked it', async () => {
    const admin = graphqlClient(service.url, service.token)
    const created = await admin.query(
      'mutation { createAccessToken(input: { name: "short", role: ADMIN }) { secret accessToken { id } userErrors { message } } }',
    )
    const { secret, accessToken } = created.data.createAccessToken
    expect((await post(bearer(secret))).status).toBe(200)
    const revoked = await admin.query(
      'mutation ($id: ID!) { revokeAccessToken(input: { id: $id }) { accessToken { id revokedAt } userErrors { message } } }',
      { id: accessToken.id },
    )
    expect(revoked.data.revokeAccessToken.accessToken).toEqual({ id: accessToken.id, revokedAt: expect.any(String) })
    expect((await post(bearer(secret))).status).toBe(401)
  })

  test('a token that has ended is refused', async () => {
    const created = await elsewhere.create('100000000001', { name: 'ended', role: 'ADMIN', expiresInSeconds: 1 })
    await service.database.prisma.accessToken.update({
      where: { id: created.accessToken.id },
      data: { expiresAt: new Date(Date.now() - 1) },
    })
    expect((await post(bearer(created.secret))).status).toBe(401)
  })

  test('the region header names the region, and must be one', async () => {
    const there = await graphqlClient(service.url, service.token, 'eu-central-1').query('{ viewer { region } }')
    expect(there.data.viewer.region).toBe('eu-central-1')
    const nowhere = await graphqlClient(service.url, service.token, 'the moon').query('{ viewer { region } }')
    expect(nowhere.errors?.[0]?.extensions.code).toBe('VALIDATION')
  })

  test('a link with a token signs the browser in with a cookie that scripts and other sites cannot use', async () => {
    const link = await fetch(`${service.url}/?token=${service.token}`, { redirect: 'manual' })
    expect([link.status, link.headers.get('location')]).toEqual([302, '/'])
    const cookie = link.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/HttpOnly/)
    expect(cookie).toMatch(/SameSite=Strict/)
    const pair = cookie.split(';')[0]!
    expect((await post({ cookie: pair })).status).toBe(200)
    expect((await post({ cookie: pair, origin: service.url })).status).toBe(200)
    expect((await post({ cookie: pair, origin: 'http://127.0.0.1:1' })).status).toBe(401)
    expect((await post({ cookie: pair, origin: 'null' })).status).toBe(401)
    expect(await raw('/graphql?query={__typename}', { cookie: pair, 'sec-fetch-site': 'cross-site' })).toBe(401)
  })

  test('a link with a wrong token asks for another, in a page that loads nothing', async () => {
    const link = await fetch(`${service.url}/?token=wrong`)
    expect(link.status).toBe(401)
    expect(link.headers.get('set-cookie')).toBeNull()
    expect(link.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(await link.text()).toContain('action="/sign-in"')
  })

  test('the sign-in form takes a token from its own page only', async () => {
    const form = (origin: string) =>
      fetch(`${service.url}/sign-in`, {
        method: 'POST',
        redirect: 'manual',
        headers: { origin },
        body: new URLSearchParams({ token: service.token }),
      })
    const signedIn = await form(service.url)
    expect([signedIn.status, signedIn.headers.get('location')]).toEqual([303, '/'])
    expect(signedIn.headers.get('set-cookie')).toContain(service.token)
    const foreign = await form('https://example.com')
    expect([foreign.status, foreign.headers.get('set-cookie')]).toEqual([403, null])
  })

  test('a service on this machine answers to names of this machine only', async () => {
    const { port } = new URL(service.url)
    expect(await raw('/healthz', { host: `localhost:${port}` })).toBe(200)
    expect(await raw('/healthz', { host: `[::1]:${port}` })).toBe(200)
    expect(await raw('/healthz', { host: `rebound.example.com:${port}` })).toBe(421)
  })

  test('whether the service is well can be asked without a token', async () => {
    expect((await fetch(`${service.url}/healthz`)).status).toBe(200)
  })

  test('requests that a foreign page could send without asking are refused', async () => {
    const simple = await fetch(`${service.url}/graphql`, {
      method: 'POST',
      headers: { ...bearer(service.token), 'content-type': 'text/plain' },
      body: JSON.stringify({ query: VIEWER }),
    })
    expect(simple.status).toBe(400)
    expect(await raw('/graphql?query={__typename}', bearer(service.token))).toBe(400)
  })
})
