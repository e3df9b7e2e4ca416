import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import type { AccessTokens } from '../../access/tokens.ts'
import { authenticateRequest, UNAUTHENTICATED } from './credentials.ts'
import { sendSignInPage, signIn } from './signInRoutes.ts'

/** What the console may load: its own files, its editor's workers, and styles that the editor writes. Nothing else. */
const CONSOLE_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "worker-src 'self' blob:",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self' ws: wss:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

const NOT_BUILT = 'The console has not been built here; npm start builds it. GraphQL is at /graphql.'

/** The console at `/` for whoever is signed in; a page that asks for a token for others. `?token=` signs in. */
export function consoleRoutes(server: FastifyInstance, access: AccessTokens, folder: string): void {
  server.register(async (scope) => {
    scope.addHook('onRequest', async (request, reply) => {
      if ((await authenticateRequest(access, request.headers)) !== null) return
      await reply.code(401).send({ message: UNAUTHENTICATED })
    })
    scope.register(fastifyStatic, {
      root: join(folder, 'assets'),
      prefix: '/assets/',
      index: false,
      // Their names change with their content.
      immutable: true,
      maxAge: '365d',
      preCompressed: true,
      setHeaders: (response) => response.setHeader('x-content-type-options', 'nosniff'),
    })
  })

  server.get<{ Querystring: { token?: unknown } }>('/', async (request, reply) => {
    const { token } = request.query
    if (typeof token === 'string') return signIn(access, token, reply, 302)
    if ((await authenticateRequest(access, request.headers)) === null) return sendSignInPage(reply, 200, false)
    reply.headers({
      'content-security-policy': CONSOLE_POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-cache',
    })
    const page = await readFile(join(folder, 'index.html')).catch(() => null)
    if (page === null) return reply.type('text/plain; charset=utf-8').send(NOT_BUILT)
    return reply.type('text/html; charset=utf-8').send(page)
  })
}
