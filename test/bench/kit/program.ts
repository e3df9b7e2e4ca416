import { join } from 'node:path'
import { INSTALLATION_FOLDER } from '../../../src/installation.ts'
import { type Child, startChild } from '../../kit/childProcess.ts'
import { transpile } from '../../kit/transpile.ts'

/** A program of `programs/` as a process of its own, which has said that it listens. */
export interface Program extends AsyncDisposable {
  readonly child: Child
  readonly url: string
}

const LISTENING = /listening: (\S+)\s/

/** Starts a program of `programs/` that serves, and waits until it listens. */
export async function startProgram(name: string, args: readonly string[] = []): Promise<Program> {
  const script = await transpile(join(INSTALLATION_FOLDER, 'test/bench/programs', `${name}.ts`), `bench-${name}`)
  const child = startChild(process.execPath, [script, ...args])
  const [, url] = await child.says(LISTENING)
  return {
    child,
    url: url!,
    async [Symbol.asyncDispose]() {
      child.process.kill()
      await child.ended
    },
  }
}
