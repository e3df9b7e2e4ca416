import { unreadableArchive } from './archiveFault.ts'

/** What an entry of an archive becomes. */
export type EntryKind = 'FILE' | 'FOLDER' | 'LINK'

/** A place in the tree that an archive unpacks to: a relative path without `.`, `..` and empty parts. */
export interface TreeEntry {
  readonly path: string
  readonly kind: EntryKind
}

const PATH_BYTES = 2048
const PART_BYTES = 255
// The kernel's own limit for the links of one path.
const LINKS_FOLLOWED = 40

/**
 * The clean path of an entry: relative to the archive's folder and inside of it; empty for the folder itself. Throws a
 * UserFault for names that are absolute, climb out with `..`, or that no file can have.
 */
export function entryPath(name: string): string {
  if (name.includes('\0') || name.includes('\\')) throw unreadableArchive(`The name ${quoted(name)} is not allowed.`)
  if (name.startsWith('/') || /^[a-zA-Z]:/.test(name)) throw unreadableArchive(`The path ${quoted(name)} is absolute.`)
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) throw unreadableArchive(`The path ${quoted(name)} leaves the archive's folder.`)
  const path = parts.join('/')
  if (Buffer.byteLength(path) > PATH_BYTES || parts.some((part) => Buffer.byteLength(part) > PART_BYTES)) {
    throw unreadableArchive(`The path ${quoted(name.slice(0, 100))}... is too long.`)
  }
  return path
}

/**
 * Throws a UserFault unless the entries make one tree: no path twice (folders may be), none below a file or a link.
 */
export function refuseBrokenTree(entries: readonly TreeEntry[]): void {
  const kinds = new Map<string, EntryKind>()
  for (const { path, kind } of entries) {
    const present = kinds.get(path)
    if (present !== undefined && !(present === 'FOLDER' && kind === 'FOLDER')) {
      throw unreadableArchive(`The path ${quoted(path)} stands in the archive twice.`)
    }
    kinds.set(path, kind)
  }
  for (const { path } of entries) {
    for (const folder of foldersAbove(path)) {
      if ((kinds.get(folder) ?? 'FOLDER') !== 'FOLDER') {
        throw unreadableArchive(`The path ${quoted(path)} lies below ${quoted(folder)}, which is not a folder.`)
      }
    }
  }
}

/**
 * Throws a UserFault where a link, followed as the kernel follows it through all other links, would leave the
 * archive's folder at any step, or never ends. `targets` has the target of each link by its path.
 */
export function refuseEscapingLinks(targets: ReadonlyMap<string, string>): void {
  for (const [path, target] of targets) {
    const problem = followLink(path, target, targets)
    if (problem !== null) throw unreadableArchive(`The link ${quoted(path)} ${problem}.`)
  }
}

function followLink(path: string, target: string, targets: ReadonlyMap<string, string>): string | null {
  if (target === '' || target.includes('\0')) return 'has no usable target'
  if (target.startsWith('/')) return 'has an absolute target'
  const place = path.split('/').slice(0, -1)
  const ahead = target.split('/').reverse()
  let linksLeft = LINKS_FOLLOWED
  for (let part = ahead.pop(); part !== undefined; part = ahead.pop()) {
    if (part === '' || part === '.') continue
    if (part === '..') {
      if (place.pop() === undefined) return "leaves the archive's folder"
      continue
    }
    place.push(part)
    const next = targets.get(place.join('/'))
    if (next === undefined) continue
    // An absolute or empty target of another link is that link's own fault, found when its turn comes.
    linksLeft -= 1
    if (linksLeft < 0) return 'never ends'
    place.pop()
    ahead.push(...next.split('/').reverse())
  }
  return null
}

/** All folders above a path, the outermost first: `a/b/c` has `a` and `a/b`. */
export function foldersAbove(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

function quoted(name: string): string {
  return JSON.stringify(name)
}
