import { createHash } from 'node:crypto'

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1rem}' +
  'input,button{font:inherit;padding:.4rem .6rem}input{width:100%;box-sizing:border-box;margin:.5rem 0 1rem}' +
  'p.refused{color:#a40000}'

/** What the sign-in page may load and do: its own style, and to send its form here. */
export const SIGN_IN_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** A page that asks for a token; `wasRefused` after one that is not valid. */
export function signInPage(wasRefused: boolean): string {
  const refusal = wasRefused ? '<p class="refused">This token is not valid: unknown, revoked or ended.</p>' : ''
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sign in to LambdaQL</title>
<style>${STYLE}</style>
<h1>LambdaQL</h1>
<p>Please sign in with an access token. The service prints a link with one when it starts;
<code>npm run token -- create</code> makes another.</p>
${refusal}
<form method="post" action="/sign-in">
<label>Access token<input name="token" type="password" autocomplete="current-password" required autofocus></label>
<button>Sign in</button>
</form>
</html>
`
}
