import type { FastifyInstance, FastifyReply } from 'fastify'
import type { AccessTokens } from '../../access/tokens.ts'
import { NO_TOKEN_COOKIE, tokenCookie } from './cookies.ts'
import { isOwnOrigin } from './hostCheck.ts'
import { SIGN_IN_POLICY, signInPage } from './signInPage.ts'

const FORM_LIMIT_BYTES = 4_096

/** `POST /sign-in` with a token from the page's form, and `POST /sign-out`. */
export function signInRoutes(server: FastifyInstance, access: AccessTokens): void {
  server.register(async (scope) => {
    scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
      done(null, new URLSearchParams(String(body))),
    )
    scope.post('/sign-in', { bodyLimit: FORM_LIMIT_BYTES }, async ({ headers, body }, reply) => {
      // Another site's form could sign its visitors in as somebody else.
      if (!isOwnOrigin(headers)) return sendSignInPage(reply, 403, false)
      const secret = body instanceof URLSearchParams ? (body.get('token') ?? '').trim() : ''
      return signIn(access, secret, reply, 303)
    })
    scope.post('/sign-out', { bodyLimit: FORM_LIMIT_BYTES }, async ({ headers }, reply) => {
      if (isOwnOrigin(headers)) reply.header('set-cookie', NO_TOKEN_COOKIE)
      return reply.redirect('/', 303)
    })
  })
}

/** Signs the browser in and sends it to `/`, where the address no longer shows the secret; or asks again. */
export async function signIn(
  access: AccessTokens,
  secret: string,
  reply: FastifyReply,
  status: 302 | 303,
): Promise<FastifyReply> {
  if ((await access.authenticate(secret, null)) === null) return sendSignInPage(reply, 401, true)
  return reply.header('set-cookie', tokenCookie(secret)).header('referrer-policy', 'no-referrer').redirect('/', status)
}

export function sendSignInPage(reply: FastifyReply, status: number, wasRefused: boolean): FastifyReply {
  return reply
    .code(status)
    .headers({
      'content-security-policy': SIGN_IN_POLICY,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
    .type('text/html; charset=utf-8')
    .send(signInPage(wasRefused))
}
