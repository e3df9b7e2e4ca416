import type { OutputReader } from './outputReader.ts'

const QUIET_TURNS = 2
/** More than the kernel keeps of what is written to a socket or a pipe and not read. */
const MOST_BYTES = 256 * 1024
/** A socket keeps far less of it where it is written byte by byte. */
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
  const endBytes = output.readBytes + MOST_BYTES
  const isDone = () => quietTurns === QUIET_TURNS || turns === MOST_TURNS || output.readBytes > endBytes
  let turns = 0
  let quietTurns = 0
  while (!isDone()) {
    const { readBytes, isHeld } = output
    // Who waits for a slow sink reads nothing meanwhile, and does not keep the processor busy.
    await new Promise((resolve) => (isHeld ? setTimeout(resolve, 1) : setImmediate(resolve)))
    if (!isHeld) turns += 1
    quietTurns = output.isHeld || output.readBytes > readBytes ? 0 : quietTurns + 1
  }
}
