import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorCode } from '../db/errorCode.ts'

const NAME = 'access-token'

/**
 * Keeps the first token's secret beside the database, readable by the owner only, so that later starts can print the
 * link that signs the browser in: the database itself knows only its hash.
 */
export function keepToken(dataFolder: string, secret: string): void {
  const path = join(dataFolder, NAME)
  writeFileSync(`${path}.new`, `${secret}\n`, { mode: 0o600 })
  renameSync(`${path}.new`, path)
}

/** The kept secret, or null where there is none (any more). */
export function readKeptToken(dataFolder: string): string | null {
  try {
    return readFileSync(join(dataFolder, NAME), 'utf8').trim()
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  }
}
