/** Name of the cookie that signs a browser in. Its value is a token's secret. */
const NAME = 'lambdaql-token'
const LIFE_SECONDS = 30 * 86_400

/** The secret in a `Cookie` header, or null. */
export function readTokenCookie(header: string | undefined): string | null {
  for (const pair of header?.split(';') ?? []) {
    const [name, value] = pair.split('=', 2)
    if (name?.trim() === NAME && value !== undefined) return value.trim()
  }
  return null
}

/** A `Set-Cookie` that no script can read and that no other site's request carries. */
export function tokenCookie(secret: string): string {
  return `${NAME}=${secret}; Path=/; Max-Age=${LIFE_SECONDS}; HttpOnly; SameSite=Strict`
}

/** A `Set-Cookie` that signs the browser out. */
export const NO_TOKEN_COOKIE = `${NAME}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict`
