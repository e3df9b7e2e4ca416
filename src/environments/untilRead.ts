import type { OutputReader } from './outputReader.ts'

const QUIET_TURNS = 2
/**
 * Each reads 64 KiB at least, where there are as many: all together more than the kernel keeps of what is written to a
 * socket or a pipe and not read.
 */
const MOST_TURNS = 32

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
  for (let turns = 0, quietTurns = 0; turns < MOST_TURNS && quietTurns < QUIET_TURNS; ) {
    const { readBytes, isHeld } = output
    // Who waits for a slow sink reads nothing meanwhile, and does not keep the processor busy.
    await new Promise((resolve) => (isHeld ? setTimeout(resolve, 1) : setImmediate(resolve)))
    if (!isHeld) turns += 1
    quietTurns = output.isHeld || output.readBytes > readBytes ? 0 : quietTurns + 1
  }
}
