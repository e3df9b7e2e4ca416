import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inspectArchive } from '../../../src/functions/codePackage/inspectArchive.ts'
import { removeReadOnlyFolder } from '../../../src/functions/codePackage/removeReadOnlyFolder.ts'
import { unpackArchive } from '../../../src/functions/codePackage/unpackArchive.ts'
import { FOLDER, LINK, type ZipEntry, zipBytes } from './zipBytes.ts'

const AWS_WORDS = 'Could not unzip uploaded file. Please check your file, then try to upload again.'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lambdaql-attacks-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

let count = 0
async function archiveOf(bytes: Buffer): Promise<string> {
  count += 1
  const path = join(folder, `${count}.zip`)
  await writeFile(path, bytes)
  return path
}

/** Inspecting and unpacking refuse alike, and nothing appears outside of the target. */
async function refusal(bytes: Buffer): Promise<string> {
  const path = await archiveOf(bytes)
  const before = (await readdir(folder)).length
  const target = join(folder, 'target')
  const inspected = await inspectArchive(path).catch((fault: unknown) => fault)
  expect(inspected).toMatchObject({ name: 'UserFault', code: 'INVALID_PARAMETER_VALUE' })
  await expect(unpackArchive(path, target)).rejects.toThrow()
  await removeReadOnlyFolder(target)
  expect(await readdir(folder)).toHaveLength(before)
  return (inspected as Error).message
}

const index: ZipEntry = { name: 'index.js', content: 'exports.handler = 1' }

describe('an archive is refused', () => {
  const attacks: [string, ZipEntry[]][] = [
    ['whose entry climbs out', [index, { name: '../evil' }]],
    ['whose entry climbs out later', [index, { name: 'a/../../evil' }]],
    ['whose entry climbs within itself', [index, { name: 'a/../b' }]],
    ['whose entry is absolute', [index, { name: '/etc/cron.d/evil' }]],
    ['whose entry is on a drive', [index, { name: 'C:/evil' }]],
    ['whose entry has a backslash', [index, { name: '..\\evil' }]],
    ['whose entry has a NUL', [index, { name: 'a\0b' }]],
    ['whose entry has no name', [index, { name: '' }]],
    ['whose name is too long for a file', [index, { name: 'x'.repeat(256) }]],
    ['whose path is too long', [index, { name: `${'x/'.repeat(1100)}y` }]],
    ['whose link is absolute', [index, { name: 'link', content: '/etc/passwd', mode: LINK }]],
    ['whose link climbs out', [index, { name: 'a/link', content: '../../x', mode: LINK }]],
    ['whose link has no target', [index, { name: 'link', content: '', mode: LINK }]],
    ['whose link has a NUL in its target', [index, { name: 'link', content: 'a\0b', mode: LINK }]],
    ['whose link has a target that is not UTF-8', [index, { name: 'link', content: Buffer.from([0xff]), mode: LINK }]],
    ['whose link has a target of 5,000 bytes', [index, { name: 'link', content: 'a'.repeat(5000), mode: LINK }]],
    [
      'whose links climb out only together',
      [
        { name: 'a/b/c/deep', content: '../../..', mode: LINK },
        { name: 'out', content: 'a/b/c/deep/../secret', mode: LINK },
      ],
    ],
    [
      'whose links climb out through a chain of them',
      [
        { name: 'a/up', content: '..', mode: LINK },
        { name: 'one', content: 'a/up', mode: LINK },
        { name: 'two', content: 'one/..', mode: LINK },
      ],
    ],
    [
      'whose links never end',
      [
        { name: 'a', content: 'b', mode: LINK },
        { name: 'b', content: 'a', mode: LINK },
      ],
    ],
    [
      'that writes through a link',
      [
        { name: 'dir', content: 'other', mode: LINK },
        { name: 'dir/file', content: 'x' },
      ],
    ],
    ['that has an entry below a file', [index, { name: 'index.js/x' }]],
    ['that has a path twice', [index, index]],
    ['that has a path twice in two spellings', [index, { name: './index.js' }]],
    ['that has a path as file and as folder', [{ name: 'a' }, { name: 'a/', mode: FOLDER }]],
    ['whose folder has content', [index, { name: 'a/', content: 'x', mode: FOLDER }]],
    ['that has a device', [index, { name: 'null', mode: 0o020666 }]],
    ['that has a pipe', [index, { name: 'pipe', mode: 0o010666 }]],
    ['that has a socket', [index, { name: 'socket', mode: 0o140666 }]],
    ['that is encrypted', [index, { name: 'secret', content: 'x'.repeat(20), flags: 1, declaredSize: 8 }]],
    ['that is strongly encrypted', [index, { name: 'secret', flags: 0x40 }]],
    ['that is compressed in another way', [index, { name: 'x', content: 'abc', method: 12 }]],
    [
      'that shares bytes between entries',
      [
        { ...index, deflate: true },
        { ...index, name: 'b', deflate: true, sharesBytesOf: 0 },
      ],
    ],
    ['that claims less than it has', [{ name: 'x', content: 'x'.repeat(1000), deflate: true, declaredSize: 10 }]],
    ['that claims more than it has', [{ name: 'x', content: 'x'.repeat(1000), deflate: true, declaredSize: 1001 }]],
    ['that claims more than Deflate can hold', [{ name: 'x', content: '', deflate: true, declaredSize: 100_000_000 }]],
    ['whose checksum is wrong', [{ name: 'x', content: 'abc', declaredCrc: 1 }]],
    ['whose stored entry has two sizes', [{ name: 'x', content: 'abc', declaredSize: 4 }]],
  ]
  it.each(attacks)('%s', async (_attack, entries) => {
    expect(await refusal(zipBytes(entries))).toContain(AWS_WORDS)
  })

  it('that is no archive at all', async () => {
    for (const bytes of ['', 'PK', 'hello', 'PK\x03\x04'.repeat(100)]) {
      expect(await refusal(Buffer.from(bytes))).toBe(AWS_WORDS)
    }
  })

  it('that is cut off anywhere', async () => {
    const bytes = zipBytes([{ ...index, deflate: true }])
    for (let length = 0; length < bytes.length; length += 7) {
      expect(await refusal(bytes.subarray(0, length))).toContain(AWS_WORDS)
    }
  })

  it('that has no entries', async () => {
    expect(await refusal(zipBytes([]))).toBe('Uploaded file must be a non-empty zip')
    expect(await refusal(zipBytes([{ name: './', mode: FOLDER }]))).toBe('Uploaded file must be a non-empty zip')
  })

  it('that has more entries than 100,000', async () => {
    const end = Buffer.alloc(56 + 20)
    end.writeUInt32LE(0x06064b50, 0)
    end.writeBigUInt64LE(100_001n, 32)
    end.writeUInt32LE(0x07064b50, 56)
    const plain = Buffer.alloc(22)
    plain.writeUInt32LE(0x06054b50, 0)
    expect(await refusal(Buffer.concat([end, plain]))).toContain('more than 100000 entries')
  })

  it('that declares more than 250 MiB (no. 25)', async () => {
    // Bytes that do not compress, with as large a claim as Deflate could keep: only the sum gives them away.
    const claims = { content: randomBytes(135_000), deflate: true, declaredSize: 135_000_000 }
    const bombs = [
      { name: 'a', ...claims },
      { name: 'b', ...claims },
    ]
    expect(await refusal(zipBytes(bombs))).toBe('Unzipped size must be smaller than 262144000 bytes')
  })
})
