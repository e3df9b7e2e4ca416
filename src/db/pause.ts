import { setTimeout as sleep } from 'node:timers/promises'

/** Waits so long, or until the signal aborts: for connections and processes, whose waiting no business rule asks for. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined)
}
