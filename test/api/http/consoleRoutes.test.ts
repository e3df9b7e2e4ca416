import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { type FastifyInstance, fastify } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAccessTokens } from '../../../src/access/tokens.ts'
import { consoleRoutes } from '../../../src/api/http/consoleRoutes.ts'
import { systemClock } from '../../../src/model/clock.ts'
import { type TemporaryFolder, temporaryFolder } from '../../kit/temporaryFolder.ts'
import { createTestDatabase, type TestDatabase } from '../../kit/testDatabase.ts'

const SCRIPT = 'console.log("the console")'

describe('the console', () => {
  let testDatabase: TestDatabase
  let folder: TemporaryFolder
  let server: FastifyInstance
  let cookie: string
  beforeAll(async () => {
    testDatabase = await createTestDatabase()
    const { prisma } = testDatabase.database
    const access = createAccessTokens({ prisma, clock: systemClock(), region: 'us-east-1' })
    cookie = `lambdaql-token=${(await access.bootstrap())!.secret}`
    folder = temporaryFolder()
    mkdirSync(join(folder.path, 'assets'))
    writeFileSync(join(folder.path, 'index.html'), '<title>console</title>')
    writeFileSync(join(folder.path, 'assets', 'main-1a2b.js'), SCRIPT)
    writeFileSync(join(folder.path, 'assets', 'main-1a2b.js.br'), brotliCompressSync(SCRIPT))
    server = fastify()
    consoleRoutes(server, access, folder.path)
  })
  afterAll(async () => {
    await server?.close()
    folder?.[Symbol.dispose]()
    await testDatabase?.[Symbol.asyncDispose]()
  })

  const get = (url: string, headers = {}) => server.inject({ url, headers: { host: 'localhost', ...headers } })

  test('is shown to whoever is signed in, and may load nothing from elsewhere', async () => {
    const { statusCode, body, headers } = await get('/', { cookie })
    expect([statusCode, body]).toEqual([200, '<title>console</title>'])
    const policy = String(headers['content-security-policy'])
    expect(policy).toContain("default-src 'self'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toMatch(/https?:|\*|script-src[^;]*unsafe/)
    expect(headers['x-content-type-options']).toBe('nosniff')
  })

  test('asks others for a token', async () => {
    const { statusCode, body } = await get('/')
    expect([statusCode, body]).toEqual([200, expect.stringContaining('name="token"')])
  })

  test('has files that are kept for good, compressed where the browser takes that', async () => {
    const plain = await get('/assets/main-1a2b.js', { cookie })
    expect([plain.statusCode, plain.body]).toEqual([200, SCRIPT])
    expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect(plain.headers['x-content-type-options']).toBe('nosniff')
    const compressed = await get('/assets/main-1a2b.js', { cookie, 'accept-encoding': 'gzip, br' })
    expect(compressed.headers['content-encoding']).toBe('br')
    expect(compressed.headers['content-type']).toMatch(/javascript/)
  })

  test('gives files to whoever is signed in only, and none from outside of its folder', async () => {
    expect((await get('/assets/main-1a2b.js')).statusCode).toBe(401)
    for (const path of ['../index.html', '..%2findex.html', '%2e%2e/index.html', 'main-1a2b.js%00', '.']) {
      expect((await get(`/assets/${path}`, { cookie })).statusCode).toBeGreaterThanOrEqual(400)
    }
  })
})
