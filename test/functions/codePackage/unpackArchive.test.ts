import { lstat, mkdtemp, readFile, readlink, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inspectArchive } from '../../../src/functions/codePackage/inspectArchive.ts'
import { removeReadOnlyFolder } from '../../../src/functions/codePackage/removeReadOnlyFolder.ts'
import { unpackArchive } from '../../../src/functions/codePackage/unpackArchive.ts'
import { zipFiles } from '../../../src/functions/codePackage/zipFiles.ts'
import { EXECUTABLE, FOLDER, LINK, zipBytes } from './zipBytes.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lambdaql-unpack-'))
})
afterAll(() => removeReadOnlyFolder(folder))

async function unpacked(bytes: Buffer, name: string): Promise<string> {
  const archive = join(folder, `${name}.zip`)
  await writeFile(archive, bytes)
  await unpackArchive(archive, join(folder, name))
  return join(folder, name)
}

const modeOf = async (path: string) => (await stat(path)).mode & 0o777

describe('an unpacked archive', () => {
  it('has every file, folder and link, read-only, with executable files executable, whatever the umask', async () => {
    const before = process.umask(0o077)
    const root = await unpacked(
      zipBytes([
        { name: 'lib/deep/a.txt', content: 'a'.repeat(100_000), deflate: true, mode: 0o100600 },
        { name: 'bin/run', content: '#!/bin/sh', mode: EXECUTABLE },
        { name: 'empty/', mode: FOLDER },
        { name: 'lib/', mode: FOLDER },
        { name: './dotted//name.txt', content: 'd' },
        { name: 'without-mode.txt', content: 'w', mode: 0 },
        { name: 'node_modules/.bin/tool', content: '../../bin/run', mode: LINK },
        { name: 'dangling', content: 'nothing', mode: LINK },
      ]),
      'all',
    ).finally(() => process.umask(before))
    expect(await readFile(join(root, 'lib/deep/a.txt'), 'utf8')).toBe('a'.repeat(100_000))
    expect(await readFile(join(root, 'node_modules/.bin/tool'), 'utf8')).toBe('#!/bin/sh')
    expect(await readFile(join(root, 'dotted/name.txt'), 'utf8')).toBe('d')
    expect(await readlink(join(root, 'dangling'))).toBe('nothing')
    expect((await lstat(join(root, 'empty'))).isDirectory()).toBe(true)
    expect(await modeOf(root)).toBe(0o555)
    expect(await modeOf(join(root, 'lib/deep'))).toBe(0o555)
    expect(await modeOf(join(root, 'lib/deep/a.txt'))).toBe(0o444)
    expect(await modeOf(join(root, 'without-mode.txt'))).toBe(0o444)
    expect(await modeOf(join(root, 'bin/run'))).toBe(0o555)
  })

  it('has as many bytes as its inspection found', async () => {
    const archive = join(folder, 'sizes.zip')
    await writeFile(
      archive,
      zipBytes([
        { name: 'a', content: 'x'.repeat(1234), deflate: true },
        { name: 'b', content: 'y' },
      ]),
    )
    expect(await inspectArchive(archive)).toEqual({ unzippedSizeBytes: 1235 })
  })
})

describe('zipFiles', () => {
  const bytesOf = async (files: { path: string; content: string }[]) => Buffer.concat(await zipFiles(files).toArray())
  const files = [
    { path: 'index.mjs', content: 'export const handler = () => "ü"' },
    { path: 'lib/util.py', content: '' },
  ]

  it('gives the same bytes for the same files in any order, in any time zone', async () => {
    const zone = process.env['TZ']
    const first = await bytesOf(files)
    process.env['TZ'] = 'Pacific/Kiritimati'
    const second = await bytesOf(files.toReversed()).finally(() => {
      if (zone === undefined) delete process.env['TZ']
      else process.env['TZ'] = zone
    })
    expect(second.equals(first)).toBe(true)
    const root = await unpacked(first, 'inline')
    expect(await readFile(join(root, 'index.mjs'), 'utf8')).toBe(files[0]?.content)
    expect(await readFile(join(root, 'lib/util.py'), 'utf8')).toBe('')
  })

  it.each([['../x'], ['/x'], ['a\\b'], ['a/'], [''], ['.']])('refuses the path %j', (path) => {
    expect(() => zipFiles([{ path, content: '' }])).toThrow(expect.objectContaining({ name: 'UserFault' }))
  })

  it('refuses none, more than 100, and the same path twice', () => {
    expect(() => zipFiles([])).toThrow('Uploaded file must be a non-empty zip')
    const many = Array.from({ length: 101 }, (_, index) => ({ path: `${index}`, content: '' }))
    expect(() => zipFiles(many)).toThrow('At most 100 files')
    expect(() => zipFiles([files[0]!, { path: './index.mjs', content: '' }])).toThrow('twice')
  })
})
