import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { ZipFile } from 'yazl'
import { STAMP } from './installDependencies.mjs'

// The earliest time that the format can say.
const MODIFIED = new Date(1980, 0, 1)
const FILE_MODE = 0o100644
const EXECUTABLE_MODE = 0o100755
// What installing leaves behind that no function needs, and that may differ from one installation to the next.
const LEFT_OUT = new Set(['.bin', '.package-lock.json', STAMP, '__pycache__'])

/**
 * Zips files and folders of `folder`: `{ bytes, sha256 }`, the hash in base64 as the service writes it. The same files
 * give the same bytes, whenever and in whichever order they were written: sorted, of one date, with one of two modes.
 */
export async function zipFolder(folder, names) {
  const paths = (await Promise.all(names.map((name) => filesBelow(folder, name)))).flat()
  const zip = new ZipFile()
  for (const path of paths.sort(byCodeUnits)) {
    const file = join(folder, path)
    const { mode } = await stat(file)
    zip.addBuffer(await readFile(file), path, {
      mtime: MODIFIED,
      mode: mode & 0o100 ? EXECUTABLE_MODE : FILE_MODE,
      forceDosTimestamp: true,
    })
  }
  zip.end()
  const bytes = await buffer(zip.outputStream)
  return { bytes, sha256: createHash('sha256').update(bytes).digest('base64') }
}

/** Paths of the files at or below a path, with `/` on every system. */
async function filesBelow(folder, path) {
  if (!(await stat(join(folder, path))).isDirectory()) return [path]
  const names = (await readdir(join(folder, path))).filter((name) => !LEFT_OUT.has(name))
  return (await Promise.all(names.map((name) => filesBelow(folder, `${path}/${name}`)))).flat()
}

const byCodeUnits = (a, b) => (a < b ? -1 : Number(a > b))
