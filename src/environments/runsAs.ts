import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)
const LONGEST_ANSWER_MS = 10_000

/** Whether the program is there and ends well with these arguments: one for another machine does not. */
export async function runsAs(program: string, args: readonly string[]): Promise<boolean> {
  try {
    await run(program, args, { timeout: LONGEST_ANSWER_MS })
    return true
  } catch {
    return false
  }
}
