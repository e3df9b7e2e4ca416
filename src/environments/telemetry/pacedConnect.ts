import { createTokenBuckets } from '../../concurrency/tokenBuckets.ts'
import type { Clock } from '../../model/clock.ts'
import type { ConnectInside } from './telemetryDestination.ts'

/** One for each extension that there may be, and then one a second. */
const RATE = { tokens: 10, refillPerSecond: 1 }

/**
 * Connects one after the other, and no more often than extensions need: each connection takes the host a process, which
 * no limit of the sandbox counts. Who asks for more waits.
 */
export function pacedConnect(connect: ConnectInside, clock: Clock): ConnectInside {
  const buckets = createTokenBuckets(clock)
  let last: Promise<unknown> = Promise.resolve()

  async function whenAllowed(port: number) {
    for (;;) {
      const retryAfterMs = buckets.take('connections', RATE)
      if (retryAfterMs === null) return connect(port)
      const atMs = clock.now() + retryAfterMs
      await new Promise<void>((resolve) => clock.schedule(atMs, resolve))
    }
  }

  return (port) => {
    const connected = last.then(() => whenAllowed(port))
    last = connected.catch(() => undefined)
    return connected
  }
}
