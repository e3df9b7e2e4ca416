import type { FailureKind } from '../contract.ts'
import { BOOTSTRAP_FRAMES, type Frame, ProtocolViolation } from './frames.ts'
import { lineTexts } from './lineSplitter.ts'

/** What a bootstrap says. Payloads are JSON texts. */
export type BootstrapMessage =
  | { readonly kind: 'READY' }
  | { readonly kind: 'INIT_ERROR'; readonly payload: string }
  | { readonly kind: 'RESULT'; readonly requestId: string; readonly payload: string }
  | {
      readonly kind: 'ERROR'
      readonly requestId: string
      readonly failure: FailureKind
      readonly payload: string
      /** The bootstrap ends right after it. */
      readonly isLast: boolean
    }
  /** A piece of a response that is streamed. */
  | { readonly kind: 'CHUNK'; readonly requestId: string; readonly bytes: Buffer }
  /** The response that is streamed is whole. */
  | { readonly kind: 'END'; readonly requestId: string }
  /** One record, in pieces that a log event can hold. */
  | { readonly kind: 'LOG'; readonly source: 'STDOUT' | 'STDERR'; readonly messages: readonly string[] }

/** AWS's limit of a response (recorded fact 88). */
export const LARGEST_RESULT_BYTES = 6 * 1024 * 1024 + 100

const FAILURES = ['HANDLER_ERROR', 'UNSERIALISABLE_RESULT', 'RESPONSE_TOO_LARGE'] as const

/**
 * The message of a frame. The function shares the process with its bootstrap and can write frames of its own, so nothing
 * in one is believed: throws a ProtocolViolation for what no bootstrap of ours would send.
 */
export function messageOf({ type, header, body }: Frame): BootstrapMessage {
  switch (type) {
    case BOOTSTRAP_FRAMES.READY:
      return { kind: 'READY' }
    case BOOTSTRAP_FRAMES.INIT_ERROR:
      return { kind: 'INIT_ERROR', payload: jsonText(body) }
    case BOOTSTRAP_FRAMES.RESULT:
      return { kind: 'RESULT', requestId: textField(header, 'requestId'), payload: jsonText(body) }
    case BOOTSTRAP_FRAMES.ERROR: {
      const failure = textField(header, 'failure')
      const known = FAILURES.find((name) => name === failure)
      if (known === undefined) throw new ProtocolViolation(`there is no failure ${failure.slice(0, 100)}`)
      const requestId = textField(header, 'requestId')
      const isLast = field(header, 'isLast') === true
      return { kind: 'ERROR', requestId, failure: known, payload: jsonText(body), isLast }
    }
    case BOOTSTRAP_FRAMES.CHUNK:
      return { kind: 'CHUNK', requestId: textField(header, 'requestId'), bytes: body }
    case BOOTSTRAP_FRAMES.END:
      return { kind: 'END', requestId: textField(header, 'requestId') }
    case BOOTSTRAP_FRAMES.LOG: {
      const source = textField(header, 'source') === 'STDERR' ? 'STDERR' : 'STDOUT'
      return { kind: 'LOG', source, messages: lineTexts(body) }
    }
    default:
      throw new ProtocolViolation(`there is no frame of type ${type}`)
  }
}

function field(header: unknown, name: string): unknown {
  return typeof header === 'object' && header !== null ? (header as Record<string, unknown>)[name] : undefined
}

function textField(header: unknown, name: string): string {
  const value = field(header, name)
  if (typeof value !== 'string') throw new ProtocolViolation(`the header has no text ${name}`)
  return value
}

function jsonText(body: Buffer): string {
  if (body.length > LARGEST_RESULT_BYTES) throw new ProtocolViolation(`an answer cannot have ${body.length} bytes`)
  const text = body.toString('utf8')
  try {
    JSON.parse(text)
    return text
  } catch {
    throw new ProtocolViolation('an answer is not JSON')
  }
}
