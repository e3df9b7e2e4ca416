import { TELEMETRY_CATEGORIES, type TelemetryCategory } from './telemetryEvent.ts'

/** When events that are gathered for a subscriber are sent: as soon as one of these is reached. */
export interface TelemetryBuffering {
  readonly maxItems: number
  readonly maxBytes: number
  readonly timeoutMs: number
}

/** Where they are sent: a port of the sandbox's own loopback, by HTTP requests, or as lines of JSON over TCP. */
export type TelemetryTarget =
  | { readonly protocol: 'HTTP'; readonly port: number; readonly path: string }
  | { readonly protocol: 'TCP'; readonly port: number }

/** What an extension asks for. */
export interface TelemetrySubscription {
  readonly categories: readonly TelemetryCategory[]
  readonly target: TelemetryTarget
  readonly buffering: TelemetryBuffering
}

const SCHEMA_VERSIONS: readonly unknown[] = ['2022-07-01', '2022-12-13', '2025-01-29']
const HTTP_PORT = 80
const LAST_PORT = 65_535
const HOSTS = ['sandbox.localdomain', 'sandbox']

/** Bounds and default of each member. https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api-reference.html */
const BUFFERING: Readonly<Record<keyof TelemetryBuffering, readonly [least: number, most: number, unset: number]>> = {
  maxItems: [1_000, 10_000, 10_000],
  maxBytes: [262_144, 1_048_576, 262_144],
  timeoutMs: [25, 30_000, 1_000],
}

/** Reads the body of a subscription. Throws a RangeError that says what is wrong with it. */
export function readTelemetrySubscription(bytes: Buffer): TelemetrySubscription {
  const { schemaVersion, types, destination, buffering } = membersOf(parsed(bytes), 'The body')
  if (!SCHEMA_VERSIONS.includes(schemaVersion)) {
    throw new RangeError(`schemaVersion must be one of ${SCHEMA_VERSIONS.join(', ')}`)
  }
  if (!Array.isArray(types) || types.length === 0 || !types.every(isCategory)) {
    throw new RangeError(`types must be a list with some of ${TELEMETRY_CATEGORIES.join(', ')}`)
  }
  return {
    categories: [...new Set(types)],
    target: targetOf(membersOf(destination, 'destination')),
    buffering: bufferingOf(buffering === undefined ? {} : membersOf(buffering, 'buffering')),
  }
}

type Members = Readonly<Record<string, unknown>>

function membersOf(value: unknown, name: string): Members {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members
  throw new RangeError(`${name} must be an object`)
}

function isCategory(type: unknown): type is TelemetryCategory {
  return TELEMETRY_CATEGORIES.some((category) => category === type)
}

function targetOf({ protocol, URI, port }: Members): TelemetryTarget {
  if (protocol === 'HTTP') return httpTarget(URI)
  if (protocol !== 'TCP') throw new RangeError('destination.protocol must be HTTP or TCP')
  if (!isWithin(port, 1, LAST_PORT)) throw new RangeError(`destination.port must be a number from 1 to ${LAST_PORT}`)
  return { protocol, port }
}

function httpTarget(uri: unknown): TelemetryTarget {
  const url = typeof uri === 'string' && URL.canParse(uri) ? new URL(uri) : null
  if (url?.protocol !== 'http:') throw new RangeError('destination.URI must be a URI that begins with http://')
  if (!HOSTS.includes(url.hostname)) throw new RangeError(`destination.URI host must be ${HOSTS[0]}`)
  return { protocol: 'HTTP', port: Number(url.port) || HTTP_PORT, path: `${url.pathname}${url.search}` }
}

function bufferingOf(members: Members): TelemetryBuffering {
  const entries = Object.entries(BUFFERING).map(([name, [least, most, unset]]) => {
    const value = members[name] ?? unset
    if (isWithin(value, least, most)) return [name, value]
    throw new RangeError(`buffering.${name} must be a number from ${least} to ${most}`)
  })
  return Object.fromEntries(entries) as TelemetryBuffering
}

function isWithin(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    throw new RangeError('The body is no JSON')
  }
}
