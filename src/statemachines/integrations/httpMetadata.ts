import type { Json } from '../data/json.ts'

/**
 * What the answer of an optimised integration tells of the call, as recorded on AWS: each header once as a list and
 * once as a text.
 */
export function httpMetadata(statusCode: number, headers: { readonly [name: string]: string }): Json {
  const named = Object.entries(headers).map(([name, value]): [string, string] => [headerName(name), value])
  return {
    AllHttpHeaders: Object.fromEntries(named.map(([name, value]) => [name, [value]])),
    HttpHeaders: Object.fromEntries(named),
    HttpStatusCode: statusCode,
  }
}

/** The SDK has names of headers in lower case; AWS's services write their own so, but for one, and the others not. */
function headerName(name: string): string {
  if (name === 'x-amzn-requestid') return 'x-amzn-RequestId'
  if (name.startsWith('x-')) return name
  return name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())
}
