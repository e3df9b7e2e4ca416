import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { INSTALLATION_FOLDER } from '../../src/installation.ts'
import { startChild } from './childProcess.ts'

/** The program `moto_server`, which answers as AWS's queues, topics, buses and buckets do; null where it is not there. */
export const motoServer: string | null =
  [join(INSTALLATION_FOLDER, '.cache/moto/bin'), ...(process.env['PATH'] ?? '').split(delimiter)]
    .map((folder) => join(folder, 'moto_server'))
    .find(existsSync) ?? null

/** A server that speaks AWS's protocols, with nothing in it. */
export interface AwsServer extends AsyncDisposable {
  /** For example `http://127.0.0.1:43211`. */
  readonly url: string
  /** Lets it stand still, as a network that swallows everything would, or go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void
}

/** Starts `motoServer` on a free port, or on one that it had before. */
export async function startAwsServer(port?: number): Promise<AwsServer> {
  const chosen = port ?? (await freePort())
  const child = startChild(motoServer!, ['--host', '127.0.0.1', '--port', String(chosen)])
  await child.says(/Running on/)
  return {
    url: `http://127.0.0.1:${chosen}`,
    signal: (signal) => void child.process.kill(signal),
    async [Symbol.asyncDispose]() {
      child.process.kill('SIGKILL')
      await child.ended
    },
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
