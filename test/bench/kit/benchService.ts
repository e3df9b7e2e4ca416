import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type ServiceProcess, serviceScript, startServiceProcess } from '../../kit/serviceProcess.ts'
import type { Bench } from '../benchmark.ts'
import { createBenchDatabase } from './benchDatabase.ts'

let script: Promise<string> | null = null

/** The whole service as a process of its own, on a database of its own in the benchmark's PostgreSQL. */
export async function startBenchService(
  { postgres, folder }: Bench,
  name: string,
  args: readonly string[] = [],
): Promise<ServiceProcess> {
  script ??= serviceScript()
  const dataFolder = join(folder, name)
  mkdirSync(dataFolder)
  chmodSync(dataFolder, 0o755)
  const databaseUrl = await createBenchDatabase(postgres, `bench_${name}`)
  return startServiceProcess(await script, dataFolder, ['--database-url', databaseUrl, ...args])
}
