import type { OutputReader } from './outputReader.ts'

/** More than the kernel keeps of what is written to a socket or a pipe and not read. */
const MOST_BUFFERED_BYTES = 1024 * 1024
const QUIET_TURNS = 2

/**
 * Resolves when all has been read that was written before the call, lines without an end included. That is in the kernel's
 * buffers, where a turn of the event loop finds it: two turns that find nothing are enough, and nobody waits for quiet.
 * Processes that write on and on are not waited for: what comes behind a whole buffer was written later.
 */
export async function untilRead(outputs: readonly OutputReader[]): Promise<void> {
  await Promise.all(outputs.map(untilEmpty))
  for (const output of outputs) await output.flush()
}

async function untilEmpty(output: OutputReader): Promise<void> {
  const mostBytes = output.readBytes + MOST_BUFFERED_BYTES
  for (let quietTurns = 0; quietTurns < QUIET_TURNS && output.readBytes < mostBytes; ) {
    const { readBytes } = output
    // Who waits for a slow sink does not keep the processor busy meanwhile.
    await new Promise((resolve) => (output.isHeld ? setTimeout(resolve, 1) : setImmediate(resolve)))
    quietTurns = output.isHeld || output.readBytes > readBytes ? 0 : quietTurns + 1
  }
}
