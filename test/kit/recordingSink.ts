import type { ResponseSink } from '../../src/environments/contract.ts'

const KEPT_BYTES = 1024 * 1024

/** What a sink of tests has been given. */
export interface RecordingSink extends ResponseSink {
  readonly hasBegun: boolean
  readonly lengthBytes: number
  /** The beginning of it. */
  text(): string
  /** Wants no more from now on, until the returned function is called. */
  hold(): () => void
}

export function recordingSink(): RecordingSink {
  const chunks: Buffer[] = []
  let held: Promise<void> | undefined
  let lengthBytes = 0
  let hasBegun = false
  return {
    get hasBegun() {
      return hasBegun
    },
    get lengthBytes() {
      return lengthBytes
    },
    begin() {
      if (hasBegun) throw new Error('a response begins once')
      hasBegun = true
    },
    write(bytes) {
      if (!hasBegun) throw new Error('a response begins before its first bytes')
      if (lengthBytes < KEPT_BYTES) chunks.push(Buffer.from(bytes))
      lengthBytes += bytes.length
      return held
    },
    text: () => Buffer.concat(chunks).toString('utf8'),
    hold() {
      const { promise, resolve } = withResolver()
      held = promise
      return () => {
        held = undefined
        resolve()
      }
    },
  }
}

/** A promise, and what resolves it. */
export function withResolver(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
