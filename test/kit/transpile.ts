import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { INSTALLATION_FOLDER } from '../../src/installation.ts'

const FOLDER = join(INSTALLATION_FOLDER, '.cache')

/**
 * Bundles a TypeScript file for a child process of its own, and returns the script's path. It lies in `.cache`, where
 * the installation's packages are found from, as well as everything else that is looked for from src or dist.
 */
export async function transpile(entry: string, name: string): Promise<string> {
  const script = join(FOLDER, `${name}-${process.pid}.mjs`)
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

/** Removes what all processes have bundled, whether they are still there or not. */
export function removeTranspiled(): void {
  for (const name of readdirSync(FOLDER)) if (/-\d+\.mjs$/.test(name)) rmSync(join(FOLDER, name), { force: true })
}
