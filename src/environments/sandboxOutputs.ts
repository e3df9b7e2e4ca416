import { randomBytes } from 'node:crypto'
import type { OutputReader } from './outputReader.ts'
import { withLimit } from './withLimit.ts'

/** A function that closed or redirected its own output is not waited for longer than this. */
const QUIET_LIMIT_MS = 100
/** Nor one that never comes to rest. */
const NOISY_LIMIT_MS = 10_000

/** Something that the runtime was asked, whose output is being read. */
export interface ReadingOutputs {
  /** What the runtime writes at the end of its outputs, if it writes marks. */
  readonly mark: string
  /** Resolves when the marks have been read, or nothing comes any more. */
  untilMarks(): Promise<void>
  /** Resolves when all that has been written so far is read. */
  untilRead(): Promise<void>
}

/** What a sandbox prints: that of the runtime, which can mark its ends, and that of extensions, which cannot. */
export class SandboxOutputs {
  readonly #runtime: readonly OutputReader[]
  readonly #extensions: readonly OutputReader[]

  constructor(runtime: readonly OutputReader[], extensions: readonly OutputReader[]) {
    this.#runtime = runtime
    this.#extensions = extensions
  }

  /** Begins to look for the end of what is written for a question. */
  begin(): ReadingOutputs {
    const mark = randomBytes(16).toString('hex')
    const marks = Promise.all(this.#runtime.map((output) => output.untilMark(mark)))
    return {
      mark,
      untilMarks: async () => {
        await untilMarked(this.#runtime, marks)
        // Extensions were done before the runtime's marks were read; without any there is nothing to wait for.
        if (this.#extensions.length > 0) await untilEmpty(this.#extensions)
      },
      untilRead: () => untilEmpty([...this.#runtime, ...this.#extensions]),
    }
  }
}

/** Everything has been read when all marks have, when the output has ended, or when nothing comes any more. */
async function untilMarked(outputs: readonly OutputReader[], marks: Promise<unknown>): Promise<void> {
  let isWritten = false
  const written = marks.then(() => {
    isWritten = true
  })
  const begin = performance.now()
  let before: readonly (number | null)[] = []
  // Most often the marks have come before the answer has: then no timer is needed.
  await Promise.race([written, new Promise((resolve) => setImmediate(resolve))])
  while (!isWritten && performance.now() - begin < NOISY_LIMIT_MS) {
    const now = outputs.map(({ progress }) => progress)
    // A reader that waits for its sink has more to read: its silence says nothing.
    if (now.every((progress, index) => progress !== null && progress === before[index])) break
    before = now
    await withLimit(written, QUIET_LIMIT_MS)
  }
  for (const output of outputs) await output.flush()
}

/** What has been written is in the kernel's buffers: everything has been read when they have been found empty twice. */
async function untilEmpty(outputs: readonly OutputReader[]): Promise<void> {
  const begin = performance.now()
  let before: readonly (number | null)[] = []
  for (let quietRounds = 0; quietRounds < 2 && performance.now() - begin < NOISY_LIMIT_MS; ) {
    // Who waits for a slow sink does not keep the processor busy meanwhile.
    const isHeld = before.includes(null)
    await new Promise((resolve) => (isHeld ? setTimeout(resolve, 1) : setImmediate(resolve)))
    const now = outputs.map(({ progress }) => progress)
    const isQuiet = now.every((progress, index) => progress !== null && progress === before[index])
    quietRounds = isQuiet ? quietRounds + 1 : 0
    before = now
  }
  for (const output of outputs) await output.flush()
}
