import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The top folder of the installation, the one with package.json: this file runs from src or from dist. */
export const INSTALLATION_FOLDER = join(dirname(fileURLToPath(import.meta.url)), '..')

/** The version of this installation, for example `0.1.0`. */
export function installedVersion(): string {
  const { version } = JSON.parse(readFileSync(join(INSTALLATION_FOLDER, 'package.json'), 'utf8')) as { version: string }
  return version
}
