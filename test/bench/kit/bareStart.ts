import { spawn } from 'node:child_process'
import type { Language } from './languages.ts'
import { timed } from './timed.ts'

/** From the order to the end of a program that does nothing, in milliseconds. */
export function bareStart({ bare }: Language): Promise<number> {
  return timed(
    () =>
      new Promise((resolve, reject) => {
        // Without variables of this machine's, as in a sandbox: some make an interpreter read files at its start.
        const child = spawn(bare.program, bare.args, { stdio: 'ignore', env: {} })
        child.once('error', reject)
        child.once('close', (code) => {
          if (code === 0) resolve(null)
          else reject(new Error(`${bare.program} ended with ${code}`))
        })
      }),
  )
}
