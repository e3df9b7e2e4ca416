import { join } from 'node:path'
import { INSTALLATION_FOLDER } from '../../src/installation.ts'
import { type Child, startChild } from './childProcess.ts'
import { type GraphqlClient, graphqlClient } from './graphqlClient.ts'
import { TEST_CACHE_FOLDER } from './testConfig.ts'
import { transpile } from './transpile.ts'

/** The whole service as a process of its own, on an embedded PostgreSQL in its data folder. */
export interface ServiceProcess {
  readonly child: Child
  readonly url: string
  readonly client: GraphqlClient
  /** Secret of the token that `client` uses; empty where the service has made none, since its database has one. */
  readonly token: string
  /** Ends it as a power failure would, and waits until it is gone. */
  kill(): Promise<void>
  /** Asks it to stop, and gives its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | string>
}

/** Makes the program of the service for this test file. */
export function serviceScript(): Promise<string> {
  return transpile(join(INSTALLATION_FOLDER, 'src', 'main.ts'), 'service')
}

/** What a start says when it is over: the URL, and the token where it has made one. */
export const READY = /LambdaQL is ready: (http:\S+?)\/(?:\?token=(\S+))?\s/

/** Starts the service and waits until it is ready. */
export async function startServiceProcess(
  script: string,
  dataFolder: string,
  args: readonly string[] = [],
  environment: NodeJS.ProcessEnv = {},
  nodeOptions: readonly string[] = [],
): Promise<ServiceProcess> {
  const options = ['--data-dir', dataFolder, '--cache-dir', TEST_CACHE_FOLDER, '--port', '0', '--log-level', 'error']
  const child = startChild(process.execPath, [...nodeOptions, script, ...options, ...args], {
    env: { PATH: process.env['PATH'], ...environment },
  })
  const [, url, token] = await child.says(READY)
  const client = graphqlClient(url!, token ?? '')
  return {
    child,
    url: url!,
    client,
    token: token ?? '',
    async kill() {
      child.process.kill('SIGKILL')
      await child.ended
    },
    stop(signal = 'SIGTERM') {
      child.process.kill(signal)
      return child.ended
    },
  }
}
