import { mkdtemp, readFile, readlink, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCodeStore } from '../../../src/functions/codePackage/codeStore.ts'
import { mergeFolders } from '../../../src/functions/codePackage/mergeFolders.ts'
import { removeReadOnlyFolder } from '../../../src/functions/codePackage/removeReadOnlyFolder.ts'
import { unpackArchive } from '../../../src/functions/codePackage/unpackArchive.ts'
import { type ControlPlane, createControlPlane, SCOPE } from '../kit.ts'
import { EXECUTABLE, LINK, type ZipEntry, zipBytes } from './zipBytes.ts'

let folder: string
let plane: ControlPlane
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lambdaql-merge-'))
  plane = await createControlPlane()
})
afterAll(async () => {
  await plane[Symbol.asyncDispose]()
  await removeReadOnlyFolder(folder)
})

let count = 0
async function unpacked(entries: readonly ZipEntry[]): Promise<string> {
  count += 1
  const target = join(folder, `layer-${count}`)
  await writeFile(`${target}.zip`, zipBytes(entries))
  await unpackArchive(`${target}.zip`, target)
  return target
}

describe('unpacked layers that are laid over each other', () => {
  it('become one folder of hard links that nobody may write', async () => {
    const one = await unpacked([{ name: 'bin/tool', content: 'one', mode: EXECUTABLE }, { name: 'deep/er/file' }])
    const two = await unpacked([{ name: 'bin/tool', content: 'two', mode: EXECUTABLE }])
    const target = join(folder, 'joined')
    await mergeFolders([one, two], target)
    expect(await readFile(join(target, 'bin/tool'), 'utf8')).toBe('two')
    const [linked, source] = await Promise.all([stat(join(target, 'bin/tool')), stat(join(two, 'bin/tool'))])
    expect(linked.ino).toBe(source.ino)
    expect(linked.mode & 0o777).toBe(0o555)
    for (const path of ['', 'bin', 'deep', 'deep/er']) {
      expect((await stat(join(target, path))).mode & 0o777).toBe(0o555)
    }
  })

  it('are not written through links of earlier layers, wherever those lead', async () => {
    const bait = await unpacked([
      { name: 'inner/file', content: 'intact' },
      { name: 'way', content: 'inner', mode: LINK },
    ])
    const attack = await unpacked([{ name: 'way/file', content: 'overwritten' }])
    const target = join(folder, 'through')
    await mergeFolders([bait, attack], target)
    expect(await readFile(join(target, 'inner/file'), 'utf8')).toBe('intact')
    expect(await readFile(join(target, 'way/file'), 'utf8')).toBe('overwritten')
  })

  it('keep links as links, also those that lead out only together: nobody follows them but the sandbox', async () => {
    const deep = await unpacked([{ name: 'a/b/c/deep', content: '../../..', mode: LINK }])
    const out = await unpacked([{ name: 'out', content: 'a/b/c/deep/../secret', mode: LINK }])
    await writeFile(join(folder, 'secret'), 'secret')
    const target = join(folder, 'out')
    await mergeFolders([deep, out], target)
    expect(await readlink(join(target, 'out'))).toBe('a/b/c/deep/../secret')
    await removeReadOnlyFolder(target)
    expect(await readFile(join(folder, 'secret'), 'utf8')).toBe('secret')
  })
})

describe('the code cache', () => {
  it('merges a list of layers once, another order of it apart, and one layer not at all', async () => {
    const upload = async (content: string) => {
      const bytes = zipBytes([{ name: 'who', content }])
      return (await plane.services.uploadCodePackage(SCOPE, Readable.from([bytes]))).sha256
    }
    const [a, b] = [await upload('a'), await upload('b')]
    const store = createCodeStore({ pool: plane.testDatabase.database.pool, dataFolder: plane.dataFolder })
    const who = async (...layers: string[]) => readFile(join((await store.layersFolderOf(layers))!, 'who'), 'utf8')
    expect(await store.layersFolderOf([])).toBeNull()
    expect(await store.layersFolderOf([a])).toBe(await store.folderOf(a))
    expect([await who(a, b), await who(b, a)]).toEqual(['b', 'a'])
    const folders = await Promise.all(Array.from({ length: 5 }, () => store.layersFolderOf([a, b])))
    expect(new Set(folders).size).toBe(1)
    await expect(store.layersFolderOf([a, '00'.repeat(32)])).rejects.toThrow('is not in the database')
  })
})
