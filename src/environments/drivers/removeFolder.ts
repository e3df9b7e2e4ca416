import { rmSync } from 'node:fs'

const MOST_TRIES = 50
const PAUSE_MS = 2
const cell = new Int32Array(new SharedArrayBuffer(4))

/** Removes a folder with all in it, if it is there, though a process may just be putting something in. */
export function removeFolder(path: string): void {
  for (let tries = 1; ; tries += 1) {
    try {
      rmSync(path, { recursive: true, force: true })
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY' || tries === MOST_TRIES) throw error
      Atomics.wait(cell, 0, 0, PAUSE_MS)
    }
  }
}
