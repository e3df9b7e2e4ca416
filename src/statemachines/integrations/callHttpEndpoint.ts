import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import { isObject, type Json, memberOf } from '../data/json.ts'
import type { ServiceAnswer } from './contract.ts'
import { type ArrayFormat, formOf, textOf } from './formEncoding.ts'

/** What of an endpoint is allowed. */
export interface HttpGuard {
  /** `dns.lookup` that fails for addresses that may not be called. */
  readonly lookup: LookupFunction
  /** Why a host may not be called, where it is an address; or null. */
  readonly refuseHost: (host: string) => string | null
}

const TIMEOUT_MS = 60_000
/** What is read of an answer at most; the engine refuses results of more than 256 KiB. */
const LARGEST_BODY_BYTES = 1024 * 1024

/**
 * `http:invoke`. An answer of 300 and more is the error `States.Http.StatusCode.NNN`.
 * https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html
 */
export async function callHttpEndpoint(
  parameters: Json,
  region: string,
  guard: HttpGuard,
  signal: AbortSignal,
): Promise<ServiceAnswer> {
  const endpoint = memberOf(parameters, 'ApiEndpoint')
  const method = memberOf(parameters, 'Method')
  if (typeof endpoint !== 'string' || !URL.canParse(endpoint)) return runtime('ApiEndpoint is no URL.')
  if (typeof method !== 'string') return runtime('Method is missing.')
  const url = new URL(endpoint)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return runtime('ApiEndpoint is no HTTP URL.')
  const refusal = guard.refuseHost(url.hostname.replace(/^\[|\]$/g, ''))
  if (refusal !== null) return runtime(refusal)
  addQuery(url, memberOf(parameters, 'QueryParameters'))
  const transform = memberOf(parameters, 'Transform')
  const format = memberOf(memberOf(transform, 'RequestEncodingOptions'), 'ArrayFormat') ?? 'INDICES'
  if (!isArrayFormat(format)) return runtime(`There is no ArrayFormat ${JSON.stringify(format)}.`)
  const isForm = memberOf(transform, 'RequestBodyEncoding') === 'URL_ENCODED'
  const { body, headers } = bodyOf(parameters, region, isForm ? format : null)
  try {
    const answer = await send(url, method, headers, body, guard.lookup, signal)
    if (answer.status < 300) return { kind: 'SUCCEEDED', output: describe(answer) }
    return { kind: 'FAILED', error: `States.Http.StatusCode.${answer.status}`, cause: answer.body || answer.statusText }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { kind: 'FAILED', error: 'States.Http.Socket', cause: message }
  }
}

interface Answer {
  readonly status: number
  readonly statusText: string
  readonly headers: { readonly [name: string]: string[] }
  readonly body: string
}

function send(
  url: URL,
  method: string,
  headers: { readonly [name: string]: string },
  body: string | null,
  lookup: LookupFunction,
  signal: AbortSignal,
): Promise<Answer> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
    const sent = request(url, { method, headers, lookup, signal: limit }, async (response) => {
      try {
        const chunks: Buffer[] = []
        let bytes = 0
        for await (const chunk of response) {
          chunks.push(chunk)
          bytes += chunk.length
          if (bytes > LARGEST_BODY_BYTES) break
        }
        resolve({
          status: response.statusCode ?? 0,
          statusText: response.statusMessage ?? '',
          headers: Object.fromEntries(
            Object.entries(response.headers).map(([name, value]) => [name, [value ?? ''].flat().map(String)]),
          ),
          body: Buffer.concat(chunks).toString(),
        })
      } catch (error) {
        reject(error)
      }
    })
    sent.on('error', reject)
    sent.end(body ?? undefined)
  })
}

function addQuery(url: URL, query: Json | undefined): void {
  if (!isObject(query)) return
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value]) url.searchParams.append(name, textOf(each))
  }
}

const isArrayFormat = (format: Json): format is ArrayFormat =>
  typeof format === 'string' && ['INDICES', 'REPEAT', 'COMMAS', 'BRACKETS'].includes(format)

/** `form`: how arrays are written where the body is a form; null where it is JSON. */
function bodyOf(
  parameters: Json,
  region: string,
  form: ArrayFormat | null,
): { body: string | null; headers: { [name: string]: string } } {
  const given = memberOf(parameters, 'Headers')
  const headers: { [name: string]: string } = {}
  if (isObject(given)) for (const [name, value] of Object.entries(given)) headers[name.toLowerCase()] = textOf(value)
  headers['user-agent'] ??= `Amazon|StepFunctions|HttpInvoke|${region}`
  const body = memberOf(parameters, 'RequestBody')
  if (body === undefined || body === null) return { body: null, headers }
  if (form !== null && isObject(body)) {
    headers['content-type'] ??= 'application/x-www-form-urlencoded'
    return { body: formOf(body, form), headers }
  }
  headers['content-type'] ??= 'application/json'
  return { body: typeof body === 'string' ? body : JSON.stringify(body), headers }
}

function describe({ status, statusText, headers, body }: Answer): Json {
  const isJson = /\bjson\b/.test(headers['content-type']?.[0] ?? '')
  return { Headers: headers, ResponseBody: isJson ? parsed(body) : body, StatusCode: status, StatusText: statusText }
}

function parsed(body: string): Json {
  try {
    return JSON.parse(body) as Json
  } catch {
    return body
  }
}

function runtime(cause: string): ServiceAnswer {
  return { kind: 'FAILED', error: 'States.Runtime', cause }
}
