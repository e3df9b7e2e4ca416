import { Readable } from 'node:stream'
import { ZipFile } from 'yazl'
import { UserFault } from '../../errors.ts'
import { INLINE_FILE_COUNT } from '../../model/functionLimits.ts'
import type { CodeFile } from '../requests.ts'
import { emptyArchive } from './archiveFault.ts'
import { entryPath, refuseBrokenTree } from './archiveTree.ts'

const REGULAR_FILE = 0o100644
const EXECUTABLE_FILE = 0o100755

/**
 * A zip archive of text files. The same files in any order give the same bytes on any machine, hence the same SHA-256:
 * sorted, of one date, executable where they begin with `#!`, and not compressed (compressors differ between versions of Node). Throws a UserFault for paths
 * that an archive may not have, and for too many or no files.
 */
export function zipFiles(files: readonly CodeFile[]): Readable {
  if (files.length === 0) throw emptyArchive()
  if (files.length > INLINE_FILE_COUNT) {
    throw fileFault(`At most ${INLINE_FILE_COUNT} files can be given inline. Please upload a zip archive instead.`)
  }
  const named = files.map(({ path, content }) => ({ path: filePath(path), content }))
  refuseBrokenTree(named.map(({ path }) => ({ path, kind: 'FILE' })))
  named.sort((a, b) => (a.path < b.path ? -1 : 1))
  // The earliest time that the format can say. It is written in local time, so that it is the same in every time zone.
  const modified = new Date(1980, 0, 1)
  const zip = new ZipFile()
  for (const { path, content } of named) {
    zip.addBuffer(Buffer.from(content), path, {
      mtime: modified,
      mode: content.startsWith('#!') ? EXECUTABLE_FILE : REGULAR_FILE,
      compress: false,
      forceDosTimestamp: true,
    })
  }
  zip.end()
  return Readable.from(zip.outputStream)
}

function filePath(path: string): string {
  if (path.endsWith('/')) throw fileFault(`${JSON.stringify(path)} is the path of a folder. Please give files.`)
  const clean = entryPath(path)
  if (clean === '') throw fileFault('A file has no path.')
  return clean
}

function fileFault(message: string): UserFault {
  return new UserFault('INVALID_PARAMETER_VALUE', message, ['input', 'code', 'files'])
}
