import { withResolvers } from '../model/withResolvers.ts'

/** A request to stop the process. */
export interface StopSignal extends Disposable {
  /** Resolves with the first SIGINT or SIGTERM. */
  readonly given: Promise<void>
  wasGiven(): boolean
  /** What to do last when a second signal ends the process at once. */
  onSecond(action: () => void): void
}

/** npm passes on the Ctrl-C that the terminal has already sent to the whole group: that is one signal, not two. */
const SAME_SIGNAL_MS = 500

/** Takes over SIGINT and SIGTERM until it is disposed of: the first asks to stop, a second one ends the process at once. */
export function onStopSignal(): StopSignal {
  let firstAt: number | null = null
  let last: () => void = () => undefined
  const { promise: given, resolve } = withResolvers<void>()
  const onSignal = () => {
    const now = performance.now()
    if (firstAt === null) {
      firstAt = now
      resolve()
    } else if (now - firstAt > SAME_SIGNAL_MS) {
      last()
      process.exit(1)
    }
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return {
    given,
    wasGiven: () => firstAt !== null,
    onSecond(action) {
      last = action
    },
    [Symbol.dispose]() {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
    },
  }
}
