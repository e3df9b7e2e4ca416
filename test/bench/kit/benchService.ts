import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { startChild } from '../../kit/childProcess.ts'
import { type ServiceProcess, serviceScript, startServiceProcess } from '../../kit/serviceProcess.ts'
import { TEST_CACHE_FOLDER } from '../../kit/testConfig.ts'
import type { Bench } from '../benchmark.ts'
import { createBenchDatabase } from './benchDatabase.ts'

let script: Promise<string> | null = null

/** The program of the service, made once for all benchmarks. */
export function benchScript(): Promise<string> {
  script ??= serviceScript()
  return script
}

/** The whole service as a process of its own, on a database of its own in the benchmark's PostgreSQL. */
export async function startBenchService(
  { postgres, folder, profiles }: Bench,
  name: string,
  args: readonly string[] = [],
): Promise<ServiceProcess> {
  const databaseUrl = await createBenchDatabase(postgres, `bench_${name}`)
  const options = ['--database-url', databaseUrl, ...args]
  const profiling = profiles === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`]
  return startServiceProcess(await benchScript(), newDataFolder(folder, name), options, {}, profiling)
}

/** Stops such a service and starts it again on its data. */
export async function restartBenchService(
  { postgres, folder }: Bench,
  service: ServiceProcess,
  name: string,
): Promise<ServiceProcess> {
  await service.stop()
  const script = await benchScript()
  return startServiceProcess(script, join(folder, name), ['--database-url', postgres.url(`bench_${name}`)])
}

/** Another node beside such a service. Its own client has no token of its own: the first one's is good for both. */
export async function joinBenchService({ postgres, folder }: Bench, name: string, other: string): Promise<BenchNode> {
  const databaseUrl = postgres.url(`bench_${other}`)
  const options = ['--cache-dir', TEST_CACHE_FOLDER, '--port', '0', '--log-level', 'error']
  const dataFolder = newDataFolder(folder, name)
  const child = startChild(process.execPath, [
    await benchScript(),
    ...['--data-dir', dataFolder, '--database-url', databaseUrl],
    ...options,
  ])
  const [, url] = await child.says(/LambdaQL is ready: (http:\/\/[^/\s]+)/)
  return {
    url: url!,
    async stop() {
      child.process.kill()
      await child.ended
    },
  }
}

/** A node that was joined to another. */
export interface BenchNode {
  readonly url: string
  stop(): Promise<void>
}

function newDataFolder(folder: string, name: string): string {
  const dataFolder = join(folder, name)
  mkdirSync(dataFolder)
  chmodSync(dataFolder, 0o755)
  return dataFolder
}
