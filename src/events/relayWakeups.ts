import type { Listener } from '../db/listen.ts'
import { decodeWake, WAKE_CHANNEL } from './topics.ts'
import type { Wakeups } from './wakeups.ts'

/** Passes on what other nodes, and this one, announce with NOTIFY. What was missed is made up for by waking everybody. */
export function relayWakeups(listener: Listener, wakeups: Wakeups): Disposable {
  return listener.subscribe(
    WAKE_CHANNEL,
    (payload) => {
      const wake = decodeWake(payload)
      if (wake !== null) wakeups.wake(wake.topics, wake.transactionId)
    },
    () => wakeups.wakeAll(),
  )
}
