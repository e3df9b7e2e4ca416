import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A new folder that is removed with all that is in it when it is disposed of. */
export interface TemporaryFolder extends Disposable {
  readonly path: string
}

/** Makes a folder that every user of the machine can reach: PostgreSQL runs as another one than root. */
export function temporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), 'lambdaql-test-'))
  chmodSync(path, 0o755)
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}
