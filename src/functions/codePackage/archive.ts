import type { Readable } from 'node:stream'
import { type Entry, getFileNameLowLevel, openPromise, type ZipFile } from 'yauzl'
import { UNZIPPED_BYTES } from '../../model/functionLimits.ts'
import { archiveFault, emptyArchive, unreadableArchive, unzippedTooLarge } from './archiveFault.ts'
import { type EntryKind, entryPath, refuseBrokenTree, refuseEscapingLinks } from './archiveTree.ts'
import { contentCheck } from './contentCheck.ts'

/** An entry whose name and declared sizes have been checked; its content has not. */
export interface ArchiveEntry {
  readonly path: string
  readonly kind: EntryKind
  readonly isExecutable: boolean
  /** What the archive says; reading fails where the content is not exactly as long. */
  readonly sizeBytes: number
  readonly source: Entry
}

/** A zip archive whose list of entries has passed every check. */
export interface Archive extends AsyncDisposable {
  readonly entries: readonly ArchiveEntry[]
  /** Target of each symbolic link by its path. All stay inside the archive's folder. */
  readonly linkTargets: ReadonlyMap<string, string>
  /** Sum of the declared sizes, which are the real ones if reading all entries succeeds. */
  readonly unzippedSizeBytes: number
  /** The content of a file; the stream fails unless length and checksum are as declared. */
  read(entry: ArchiveEntry): Promise<Readable>
}

/** Entries of an archive at most: bounds the time and memory that a list without content can cost. */
export const ENTRY_COUNT = 100_000

const LINK_TARGET_BYTES = 4095
// No stream of Deflate can be shorter than a 1032nd of what it stands for: who claims more lies.
const DEFLATE_RATIO = 1032
const DEFLATE_SLACK_BYTES = 4096
const STORED = 0
const DEFLATED = 8

const FILE_TYPE = 0o170000
const TYPE_FOLDER = 0o040000
const TYPE_FILE = 0o100000
const TYPE_LINK = 0o120000

/**
 * Opens a zip file and checks its list: names stay inside, no path twice, links stay inside through any chain, nothing
 * encrypted, no special files, no entries that share bytes, not too many and not too large in what they declare.
 * Throws a UserFault with AWS's words. Memory grows with the number of entries, never with their content.
 */
export async function openArchive(path: string): Promise<Archive> {
  let zip: ZipFile
  try {
    zip = await openPromise(path, { autoClose: false, decodeStrings: false, validateEntrySizes: true })
  } catch (cause) {
    throw archiveFault(cause)
  }
  try {
    return await checkedArchive(zip)
  } catch (cause) {
    zip.close()
    throw archiveFault(cause)
  }
}

async function checkedArchive(zip: ZipFile): Promise<Archive> {
  if (zip.entryCount > ENTRY_COUNT) throw unreadableArchive(`It has more than ${ENTRY_COUNT} entries.`)
  const entries: ArchiveEntry[] = []
  let unzippedSizeBytes = 0
  for await (const source of zip.eachEntry()) {
    const entry = checkedEntry(source)
    unzippedSizeBytes += entry.sizeBytes
    if (unzippedSizeBytes > UNZIPPED_BYTES) throw unzippedTooLarge()
    if (entry.path !== '') entries.push(entry)
    else if (entry.kind !== 'FOLDER') throw unreadableArchive('An entry has no name.')
  }
  if (entries.length === 0) throw emptyArchive()
  refuseBrokenTree(entries)
  await refuseSharedBytes(zip, entries)
  const read = (entry: ArchiveEntry) => readContent(zip, entry)
  const linkTargets = new Map<string, string>()
  for (const entry of entries) {
    if (entry.kind === 'LINK') linkTargets.set(entry.path, await readLinkTarget(await read(entry)))
  }
  refuseEscapingLinks(linkTargets)
  return { entries, linkTargets, unzippedSizeBytes, read, [Symbol.asyncDispose]: async () => zip.close() }
}

function checkedEntry(source: Entry): ArchiveEntry {
  const name = getFileNameLowLevel(source.generalPurposeBitFlag, source.fileNameRaw, source.extraFields, true)
  const path = entryPath(name)
  if (source.isEncrypted()) throw unreadableArchive(`The entry ${JSON.stringify(path)} is encrypted.`)
  if (source.compressionMethod !== STORED && source.compressionMethod !== DEFLATED) {
    throw unreadableArchive(`The entry ${JSON.stringify(path)} is compressed in a way that is not supported.`)
  }
  if (source.uncompressedSize > source.compressedSize * DEFLATE_RATIO + DEFLATE_SLACK_BYTES) {
    throw unreadableArchive(`The entry ${JSON.stringify(path)} claims more content than it can have.`)
  }
  const mode = source.externalFileAttributes >>> 16
  const kind = entryKind(name, mode)
  if (kind === null) throw unreadableArchive(`The entry ${JSON.stringify(path)} is a special file.`)
  if (kind === 'FOLDER' && source.uncompressedSize > 0) {
    throw unreadableArchive(`The folder ${JSON.stringify(path)} has content.`)
  }
  if (kind === 'LINK' && source.uncompressedSize > LINK_TARGET_BYTES) {
    throw unreadableArchive(`The link ${JSON.stringify(path)} has a target that is too long.`)
  }
  return { path, kind, isExecutable: (mode & 0o111) !== 0, sizeBytes: source.uncompressedSize, source }
}

// Archives from systems without Unix modes have zeros here: then only a slash at the end tells a folder.
function entryKind(name: string, mode: number): EntryKind | null {
  const type = mode & FILE_TYPE
  if (type === TYPE_LINK) return 'LINK'
  if (type !== 0 && type !== TYPE_FILE && type !== TYPE_FOLDER) return null
  return name.endsWith('/') || type === TYPE_FOLDER ? 'FOLDER' : 'FILE'
}

// Entries that point at the same bytes are how a small archive claims a huge content many times over.
async function refuseSharedBytes(zip: ZipFile, entries: readonly ArchiveEntry[]): Promise<void> {
  const ranges: { start: number; end: number }[] = []
  for (const { source } of entries) {
    const { fileDataStart } = await zip.readLocalFileHeaderPromise(source, { minimal: true })
    ranges.push({ start: source.relativeOffsetOfLocalHeader, end: fileDataStart + source.compressedSize })
  }
  ranges.sort((a, b) => a.start - b.start)
  let end = 0
  for (const range of ranges) {
    if (range.start < end) throw unreadableArchive('Entries of it overlap.')
    end = range.end
  }
}

async function readContent(zip: ZipFile, entry: ArchiveEntry): Promise<Readable> {
  const { source } = entry
  const content = await zip.openReadStreamPromise(source).catch((cause: unknown) => Promise.reject(archiveFault(cause)))
  const check = contentCheck(source.uncompressedSize, source.crc32)
  content.on('error', (cause) => check.destroy(archiveFault(cause) as Error))
  check.on('close', () => content.destroy())
  return content.pipe(check)
}

async function readLinkTarget(content: Readable): Promise<string> {
  const target = Buffer.concat(await content.toArray())
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(target)
  } catch {
    throw unreadableArchive('A link has a target that is not UTF-8.')
  }
}
