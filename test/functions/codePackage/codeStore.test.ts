import { randomBytes } from 'node:crypto'
import { access, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PlatformFault } from '../../../src/errors.ts'
import { createCodeStore } from '../../../src/functions/codePackage/codeStore.ts'
import { type ControlPlane, createControlPlane, functionRequest, SCOPE, STRANGER } from '../kit.ts'
import { zipBytes } from './zipBytes.ts'

let plane: ControlPlane
beforeAll(async () => {
  plane = await createControlPlane()
})
afterAll(() => plane[Symbol.asyncDispose]())

const store = () => createCodeStore({ pool: plane.testDatabase.database.pool, dataFolder: plane.dataFolder })
const upload = (bytes: Buffer, scope = SCOPE) => plane.services.uploadCodePackage(scope, Readable.from([bytes]))

describe('a code package', () => {
  it('comes back out of the database as it went in, in pieces of 1 MiB', async () => {
    const content = randomBytes(2_500_000)
    const { sha256, sizeBytes } = await upload(zipBytes([{ name: 'data.bin', content }]))
    const { prisma } = plane.testDatabase.database
    const chunks = await prisma.codeChunk.findMany({ where: { sha256: Buffer.from(sha256, 'hex') } })
    expect(chunks.map(({ bytes }) => bytes.length).sort((a, b) => b - a)).toEqual([
      1_048_576,
      1_048_576,
      sizeBytes - 2 * 1_048_576,
    ])
    const cache = store()
    const folder = await cache.folderOf(sha256)
    expect(folder).toBe(join(plane.dataFolder, 'code', sha256))
    expect((await readFile(join(folder, 'data.bin'))).equals(content)).toBe(true)
    expect((await stat(join(plane.dataFolder, 'code'))).mode & 0o777).toBe(0o711)
    expect(await readdir(join(plane.dataFolder, 'code'))).toEqual([sha256])
  })

  it('is stored once, whoever uploads it, and completes what an upload that broke off has left', async () => {
    const { prisma } = plane.testDatabase.database
    const bytes = zipBytes([{ name: 'once.bin', content: randomBytes(1_500_000) }])
    const first = await upload(bytes)
    const key = Buffer.from(first.sha256, 'hex')
    await prisma.codePackage.deleteMany({ where: { sha256: key } })
    await prisma.codeBlob.delete({ where: { sha256: key } })
    await prisma.codeChunk.delete({ where: { sha256_position: { sha256: key, position: 1 } } })
    const [again, strangers] = await Promise.all([upload(bytes), upload(bytes, STRANGER)])
    expect(again.sha256).toBe(strangers.sha256)
    expect(again.codePackageId).not.toBe(strangers.codePackageId)
    expect(await prisma.codeChunk.count({ where: { sha256: key } })).toBe(2)
    expect(await prisma.codeBlob.count({ where: { sha256: key } })).toBe(1)
  })

  it('makes functions for its own account only', async () => {
    const { codePackageId, sha256 } = await upload(zipBytes([{ name: 'index.js', content: '1' }]))
    const request = functionRequest({ code: { kind: 'PACKAGE', codePackageId } })
    await expect(plane.services.createFunction(STRANGER, request)).rejects.toMatchObject({ code: 'RESOURCE_NOT_FOUND' })
    const created = await plane.services.createFunction(SCOPE, request)
    expect(created.function.latest.codeSha256).toBe(sha256)
  })

  it('leaves no file behind, stored or refused', async () => {
    await expect(upload(Buffer.from('no zip'))).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' })
    const broken = new Readable({
      read() {
        this.push(Buffer.alloc(10))
        this.destroy(new Error('the client went away'))
      },
    })
    await expect(plane.services.uploadCodePackage(SCOPE, broken)).rejects.toThrow('the client went away')
    expect(await readdir(join(plane.dataFolder, 'uploads'))).toEqual([])
  })

  it('is refused as soon as it is too large (no. 26), and its sender is not read on', async () => {
    const chunk = Buffer.alloc(1_048_576)
    let pushed = 0
    const endless = new Readable({
      read() {
        pushed += chunk.length
        this.push(chunk)
      },
    })
    await expect(plane.services.uploadCodePackage(SCOPE, endless)).rejects.toMatchObject({
      code: 'REQUEST_TOO_LARGE',
      message: 'Zipped size must be smaller than 262144000 bytes',
    })
    expect(endless.destroyed).toBe(true)
    expect(pushed).toBeLessThan(262_144_000 + 20 * chunk.length)
    const base64 = Buffer.alloc(52_428_801).toString('base64')
    const request = functionRequest({ functionName: 'large', code: { kind: 'ZIP', base64 } })
    await expect(plane.services.createFunction(SCOPE, request)).rejects.toMatchObject({
      code: 'REQUEST_TOO_LARGE',
      message: 'Zipped size must be smaller than 52428800 bytes',
    })
  })
})

describe('the code store', () => {
  it('unpacks once for all who ask at the same time, and finds it after a restart', async () => {
    const { sha256 } = await upload(zipBytes([{ name: 'a', content: 'a' }]))
    const cache = store()
    const folders = await Promise.all(Array.from({ length: 10 }, () => cache.folderOf(sha256)))
    expect(new Set(folders).size).toBe(1)
    const { birthtimeMs } = await stat(folders[0]!)
    expect(await store().folderOf(sha256)).toBe(folders[0])
    expect((await stat(folders[0]!)).birthtimeMs).toBe(birthtimeMs)
  })

  it('removes what an unpacking that was killed has left', async () => {
    const left = join(plane.dataFolder, 'code', 'x.unfinished')
    await mkdir(left, { recursive: true })
    await writeFile(join(left, 'file'), '', { mode: 0o400 })
    const { sha256 } = await upload(zipBytes([{ name: 'c', content: 'c' }]))
    await store().folderOf(sha256)
    await expect(access(left)).rejects.toThrow()
  })

  it('says so when code is missing or damaged, and tries again the next time', async () => {
    const { prisma } = plane.testDatabase.database
    const cache = store()
    await expect(cache.folderOf('00'.repeat(32))).rejects.toThrow(PlatformFault)
    const { sha256 } = await upload(zipBytes([{ name: 'b', content: 'intact' }]))
    const key = { sha256: Buffer.from(sha256, 'hex'), position: 0 }
    const { bytes } = await prisma.codeChunk.findUniqueOrThrow({ where: { sha256_position: key } })
    const damaged = Uint8Array.from(bytes)
    damaged[40] = 0xff
    await prisma.codeChunk.update({ where: { sha256_position: key }, data: { bytes: damaged } })
    await expect(cache.folderOf(sha256)).rejects.toThrow('changed in the database')
    await prisma.codeChunk.update({ where: { sha256_position: key }, data: { bytes } })
    expect(await readFile(join(await cache.folderOf(sha256), 'b'), 'utf8')).toBe('intact')
    expect((await readdir(join(plane.dataFolder, 'code'))).filter((name) => name.includes('unfinished'))).toEqual([])
  })
})
