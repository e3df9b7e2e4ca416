import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { identifyProcess } from '../../src/db/processIdentity.ts'
import { TEST_CACHE_FOLDER } from './testConfig.ts'

/**
 * Bundles a TypeScript file for a child process of its own, and returns the script's path. It lies in `.cache`, where
 * the installation's packages are found from, as well as everything else that is looked for from src or dist.
 */
export async function transpile(entry: string, name: string): Promise<string> {
  const script = join(TEST_CACHE_FOLDER, `${name}-${process.pid}.mjs`)
  await build({
    entryPoints: [entry],
    outfile: script,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'error',
  })
  return script
}

/** Removes what processes have bundled that are gone. */
export function removeTranspiled(): void {
  if (!existsSync(TEST_CACHE_FOLDER)) return
  for (const name of readdirSync(TEST_CACHE_FOLDER)) {
    const pid = /-(\d+)\.mjs$/.exec(name)?.[1]
    if (pid !== undefined && identifyProcess(Number(pid)) === null) rmSync(join(TEST_CACHE_FOLDER, name))
  }
}
