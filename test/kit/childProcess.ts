import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'

/** A child process with all that it says. */
export interface Child {
  readonly process: ChildProcess
  /** What it has written to standard output and standard error so far. */
  output(): string
  /** Resolves when the output matches; rejects with the output when the process ends before. */
  says(pattern: RegExp): Promise<RegExpMatchArray>
  /** Resolves with the exit code, or the signal's name, once it has ended and all output is read. */
  readonly ended: Promise<number | string>
}

/** Starts a process and collects what it says. */
export function startChild(program: string, args: readonly string[], options: SpawnOptions = {}): Child {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  const listeners = new Set<() => void>()
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
      for (const listener of listeners) listener()
    })
  }
  let hasEnded = false
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => {
      hasEnded = true
      resolve(code ?? signal ?? 'unknown')
      for (const listener of listeners) listener()
    })
  })
  return {
    process: child,
    output: () => said,
    ended,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(said)
          if (match === null && !hasEnded) return
          listeners.delete(look)
          if (match !== null) resolve(match)
          else reject(new Error(`the process ended without saying ${pattern}:\n${said}`))
        }
        listeners.add(look)
        look()
      }),
  }
}
