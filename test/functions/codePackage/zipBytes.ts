import { crc32, deflateRawSync } from 'node:zlib'

/** An entry of a zip archive, written as bytes: every field can be a lie. */
export interface ZipEntry {
  readonly name: string | Buffer
  readonly content?: string | Buffer
  /** Unix mode with type bits; 0o100644 where left out. */
  readonly mode?: number
  readonly deflate?: boolean
  readonly flags?: number
  readonly method?: number
  /** What the archive claims instead of the truth. */
  readonly declaredSize?: number
  readonly declaredCrc?: number
  /** Index of another entry whose local header this one points at. */
  readonly sharesBytesOf?: number
}

export const LINK = 0o120777
export const EXECUTABLE = 0o100755
export const FOLDER = 0o040755
const UTF8_NAMES = 0x800

/** Writes a zip archive by hand. */
export function zipBytes(entries: readonly ZipEntry[], declaredCount = entries.length): Buffer {
  const parts: Buffer[] = []
  const headers: Buffer[] = []
  const offsets: number[] = []
  let offset = 0
  for (const entry of entries) {
    const name = Buffer.isBuffer(entry.name) ? entry.name : Buffer.from(entry.name)
    const content = Buffer.from(entry.content ?? '')
    const data = entry.deflate ? deflateRawSync(content) : content
    const method = entry.method ?? (entry.deflate ? 8 : 0)
    const crc = entry.declaredCrc ?? crc32(content)
    const size = entry.declaredSize ?? content.length
    const flags = (entry.flags ?? 0) | UTF8_NAMES
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50, 0)
    local.writeUInt16LE(20, 4)
    local.writeUInt16LE(flags, 6)
    local.writeUInt16LE(method, 8)
    local.writeUInt32LE(crc, 14)
    local.writeUInt32LE(data.length, 18)
    local.writeUInt32LE(size, 22)
    local.writeUInt16LE(name.length, 26)
    const shared = entry.sharesBytesOf === undefined ? undefined : offsets[entry.sharesBytesOf]
    offsets.push(shared ?? offset)
    const header = Buffer.alloc(46)
    header.writeUInt32LE(0x02014b50, 0)
    header.writeUInt16LE((3 << 8) | 20, 4)
    header.writeUInt16LE(20, 6)
    header.writeUInt16LE(flags, 8)
    header.writeUInt16LE(method, 10)
    header.writeUInt32LE(crc, 16)
    header.writeUInt32LE(data.length, 20)
    header.writeUInt32LE(size, 24)
    header.writeUInt16LE(name.length, 28)
    header.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 38)
    header.writeUInt32LE(shared ?? offset, 42)
    headers.push(header, name)
    if (shared !== undefined) continue
    parts.push(local, name, data)
    offset += local.length + name.length + data.length
  }
  const directory = Buffer.concat(headers)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(declaredCount, 8)
  end.writeUInt16LE(declaredCount, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, directory, end])
}
