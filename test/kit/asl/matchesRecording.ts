import type { Json } from '../../../src/statemachines/data/json.ts'
import type { HistoryEvent } from '../../../src/statemachines/engine/historyEvent.ts'
import type { RecordedEvent, RecordedExecution } from './recordedExecutions.ts'

/** How an execution went: what is compared with a recording. */
export interface Played {
  readonly status: string
  readonly output: Json | null
  readonly error: string | null
  readonly cause: string | null
  readonly history: readonly Pick<HistoryEvent, 'id' | 'previousEventId' | 'type' | 'details'>[]
}

/** What differs between a run and its recording, in words; empty where nothing does. */
export function differences(recorded: RecordedExecution, givenRun: Played): string[] {
  const played = predatesRedrive(recorded) ? withoutRedriveCount(givenRun) : givenRun
  const found: string[] = []
  const { expect, wildcards = {} } = recorded
  const compare = (what: string, wanted: unknown, given: unknown) => {
    const place = firstDifference(wanted, given, `/${what}`, wildcards)
    if (place !== null) found.push(place)
  }
  compare('status', expect.status, played.status)
  if (expect.output !== undefined) compare('output', decoded(expect.output), decoded(played.output))
  if (expect.error !== undefined) compare('error', expect.error, played.error)
  if (expect.cause !== undefined)
    compare('cause', withoutStack(decoded(expect.cause)), withoutStack(decoded(played.cause)))
  if (expect.events !== undefined) found.push(...historyDifferences(recorded, played))
  return found
}

/** `$$.Execution.RedriveCount` came with redrive, which was announced on 2023-11-15. */
const predatesRedrive = ({ validatedAt }: RecordedExecution) => validatedAt !== undefined && validatedAt < '2023-11-15'

function withoutRedriveCount(played: Played): Played {
  return JSON.parse(JSON.stringify(played).replace(/,\\*"RedriveCount\\*":0/g, '')) as Played
}

function historyDifferences({ eventOrder, expect }: RecordedExecution, { history }: Played): string[] {
  const wanted = expect.events!.map(plainRecorded)
  const given = history.map(plainPlayed)
  if (eventOrder === 'exact') {
    const at = wanted.findIndex((event, index) => firstDifference(event, given[index], '', {}) !== null)
    if (at < 0 && wanted.length === given.length) return []
    const index = at < 0 ? wanted.length : at
    const place = firstDifference(wanted[index], given[index], `/events/${index + 1}`, {})
    return [place ?? `/events: ${given.length} instead of ${wanted.length}`]
  }
  const left = given.map(withoutIds)
  for (const event of wanted.map(withoutIds)) {
    const index = left.findIndex((other) => firstDifference(event, other, '', {}) === null)
    if (index < 0) return [`/events: none such as ${JSON.stringify(event)}`]
    left.splice(index, 1)
  }
  // The recorder has dropped how Parallel states ended where it sorted the events of branches: their ids are missing.
  const lastId = expect.events!.at(-1)!.id
  if (given.length === lastId && left.every(({ type }) => /^ParallelState(Succeeded|Failed|Exited)$/.test(type)))
    return []
  return [`/events: ${JSON.stringify(left[0])} is too much`]
}

interface PlainEvent {
  readonly id: number
  readonly previousEventId: number
  readonly type: string
  readonly details: unknown
}

function plainRecorded(event: RecordedEvent): PlainEvent {
  const key = Object.keys(event).find((name) => name.endsWith('EventDetails'))
  const { id, previousEventId, type } = event
  return { id, previousEventId, type, details: key === undefined ? null : withoutStack(decoded(event[key])) }
}

function plainPlayed({ id, previousEventId, type, details }: Played['history'][number]): PlainEvent {
  return { id, previousEventId, type, details: withoutStack(decoded(details)) }
}

const withoutIds = ({ type, details }: PlainEvent) => ({ type, details })

/** The recorder has decoded some of the texts that hold an object, a list or a number; here all are. */
function decoded(value: unknown): unknown {
  if (typeof value === 'string') {
    if (!/^\s*[[{\d-]/.test(value)) return value
    try {
      return decoded(JSON.parse(value))
    } catch {
      return value
    }
  }
  if (Array.isArray(value)) return value.map(decoded)
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, decoded(member)]))
  }
  return value
}

/** Stack traces name the files of whoever runs the function. */
function withoutStack(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutStack)
  if (value === null || typeof value !== 'object') return value
  const members = Object.entries(value).filter(([name]) => name !== 'stackTrace')
  return Object.fromEntries(members.map(([name, member]) => [name, withoutStack(member)]))
}

/** Where two values differ first; null where nowhere. Words of the recorder stand for what a run decides. */
export function firstDifference(
  wanted: unknown,
  given: unknown,
  pointer: string,
  wildcards: { readonly [pointer: string]: string },
): string | null {
  const wildcard = wildcards[pointer]
  if (wildcard !== undefined) {
    const text = typeof given === 'string' ? given : JSON.stringify(given)
    const pattern = new RegExp(wildcard)
    return pattern.test(text) || pattern.test(spaced(text)) ? null : told(pointer, wildcard, given)
  }
  if (typeof wanted === 'string') return matchesText(wanted, given) ? null : told(pointer, wanted, given)
  if (wanted === null || typeof wanted !== 'object') {
    return Object.is(wanted, given) ? null : told(pointer, wanted, given)
  }
  if (given === null || typeof given !== 'object' || Array.isArray(given) !== Array.isArray(wanted)) {
    return told(pointer, wanted, given)
  }
  const wantedMembers = wanted as Record<string, unknown>
  const givenMembers = given as Record<string, unknown>
  for (const name of new Set([...Object.keys(wantedMembers), ...Object.keys(givenMembers)])) {
    if (!(name in wantedMembers) || !(name in givenMembers)) return told(`${pointer}/${name}`, wanted, given)
    const place = firstDifference(wantedMembers[name], givenMembers[name], `${pointer}/${name}`, wildcards)
    if (place !== null) return place
  }
  return null
}

/** The recorder has written some JSON texts anew, with spaces behind commas and colons. */
function spaced(text: string): string {
  try {
    return spacedJson(JSON.parse(text))
  } catch {
    return text
  }
}

function spacedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spacedJson).join(', ')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}: ${spacedJson(member)}`)
  return `{${members.join(', ')}}`
}

const WORDS = /<[\w:-]{1,40}>|lambda_function_name|snf_role_arn|map_run_arn/

/** These stand for a whole value, whatever it is. */
const ANYTHING = /^"?(date|timestamp|RandomNumberGenerated|X-Amzn-Trace-Id|x-amzn-RequestId|RequestId)"?$/

function matchesText(wanted: string, given: unknown): boolean {
  if (wanted === given || ANYTHING.test(wanted)) return true
  if (!WORDS.test(wanted) || given === null) return false
  const pattern = wanted
    .split(new RegExp(WORDS, 'g'))
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[\\s\\S]*')
  return new RegExp(`^${pattern}$`).test(typeof given === 'string' ? given : JSON.stringify(given))
}

const told = (pointer: string, wanted: unknown, given: unknown) =>
  `${pointer}: ${JSON.stringify(given)?.slice(0, 600)} instead of ${JSON.stringify(wanted)?.slice(0, 600)}`
