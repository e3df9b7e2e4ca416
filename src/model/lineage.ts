import { hash as digest } from 'node:crypto'

/**
 * Which functions a chain of invocations has come through, and how often. It travels as the field `Lineage` of the
 * X-Ray trace header, `hash:count|hash:count`, which functions pass on and destinations hand over.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
 */
export type Lineage = ReadonlyMap<string, number>

/** How often a chain may come to the same function. */
export const LARGEST_HOPS = 16

/** What happens to a chain that comes back to a function too often. */
export type RecursiveLoop = 'TERMINATE' | 'ALLOW'

/** More than these are forgotten, the rarest first: a header must not grow without end. */
const LARGEST_LINEAGE = 32
const HASH_LENGTH = 8
const LARGEST_COUNT = 0xffff
const LONGEST_HEADER = 2_048
const ROOT = /^1-[0-9a-f]{8}-[0-9a-f]{24}$/i

/** The lineage of a trace header; empty where there is none, or none that can be read. */
export function readLineage(traceHeader: string | null): Lineage {
  const field = fieldOf(traceHeader, 'Lineage')
  if (field === null) return new Map()
  const entries = field.split('|').flatMap((entry): [string, number][] => {
    const [, hash, count] = /^([0-9a-f]{8}):(\d{1,5})$/.exec(entry) ?? []
    return hash === undefined ? [] : [[hash, Math.min(Number(count), LARGEST_COUNT)]]
  })
  return new Map(entries.slice(0, LARGEST_LINEAGE))
}

/** The lineage behind one more invocation of a function. */
export function withHop(lineage: Lineage, functionId: string): Lineage {
  const hash = lineageHash(functionId)
  const count = Math.min((lineage.get(hash) ?? 0) + 1, LARGEST_COUNT)
  const others = [...lineage].filter(([other]) => other !== hash)
  const kept = others.sort(([, one], [, other]) => other - one).slice(0, LARGEST_LINEAGE - 1)
  return new Map([[hash, count], ...kept])
}

/** How often the chain has come to a function, this invocation among them. */
export function hopsOf(lineage: Lineage, functionId: string): number {
  return lineage.get(lineageHash(functionId)) ?? 0
}

/** What AWS says of a chain that it stops. Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
export const RECURSIVE_LOOP =
  'Lambda has detected your function being invoked in a recursive loop with other AWS resources and stopped your ' +
  "function's invocation."

/** Whether a chain that arrives with a trace header would come to a function once too often. */
export function isLooping(callerHeader: string | null, functionId: string): boolean {
  return hopsOf(readLineage(callerHeader), functionId) >= LARGEST_HOPS
}

/**
 * The trace header that an invocation of a function sees: of the trace that its caller passed on, or of a new one made
 * of the request id, always unsampled, with the lineage of the chain and this function.
 */
export function traceHeaderOf(callerHeader: string | null, requestId: string, functionId: string): string {
  const digits = requestId.replaceAll('-', '')
  const given = fieldOf(callerHeader, 'Root')
  const root = given !== null && ROOT.test(given) ? given : `1-${digits.slice(0, 8)}-${digits.slice(8)}`
  const lineage = withHop(readLineage(callerHeader), functionId)
  const hops = [...lineage].map(([hash, count]) => `${hash}:${count}`).join('|')
  return `Root=${root};Parent=${digits.slice(16)};Sampled=0;Lineage=${hops}`
}

function lineageHash(functionId: string): string {
  return digest('sha256', functionId, 'hex').slice(0, HASH_LENGTH)
}

function fieldOf(traceHeader: string | null, name: string): string | null {
  if (traceHeader === null || traceHeader.length > LONGEST_HEADER) return null
  const prefix = `${name}=`
  const field = traceHeader.split(';').find((part) => part.trim().startsWith(prefix))
  return field === undefined ? null : field.trim().slice(prefix.length)
}
