import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { PublishLayerVersionRequest } from '../../src/functions/requests.ts'
import { LINK, zipBytes } from './codePackage/zipBytes.ts'
import {
  type ControlPlane,
  codeFiles,
  createControlPlane,
  functionRequest,
  PUBLISH,
  SCOPE,
  STRANGER,
  UNCHANGED,
} from './kit.ts'

const ACCOUNT_ARN = 'arn:aws:lambda:us-east-1:111111111111'
const NONE = { compatibleRuntime: null, compatibleArchitecture: null }

let plane: ControlPlane
beforeAll(async () => {
  plane = await createControlPlane()
})
afterAll(() => plane[Symbol.asyncDispose]())
beforeEach(async () => {
  const { prisma } = plane.testDatabase.database
  await prisma.function.deleteMany()
  await prisma.layerVersion.deleteMany()
  await prisma.layer.deleteMany()
})

const fault = (code: string, message: string | RegExp) =>
  expect.objectContaining({
    name: 'UserFault',
    code,
    message: typeof message === 'string' ? message : expect.stringMatching(message),
  })
const layer = (layerName: string, changes: Partial<PublishLayerVersionRequest> = {}): PublishLayerVersionRequest => ({
  layerName,
  content: codeFiles(layerName),
  description: '',
  compatibleRuntimes: [],
  compatibleArchitectures: [],
  licenseInfo: null,
  ...changes,
})
const publish = (name: string, changes: Partial<PublishLayerVersionRequest> = {}) =>
  plane.services.publishLayerVersion(SCOPE, layer(name, changes))
const remove = (layerName: string, versionNumber: number) =>
  plane.services.deleteLayerVersion(SCOPE, { layerName, versionNumber })
const create = (layers: readonly string[], changes = {}) =>
  plane.services.createFunction(SCOPE, functionRequest({ layers, ...changes }))
const configure = (layers: readonly string[] | undefined) =>
  plane.services.updateFunctionConfiguration(SCOPE, { ...UNCHANGED, layers })
const latest = async () => (await plane.services.getFunction(SCOPE, 'hello'))!.latest
const arnsOf = ({ layers }: { readonly layers: readonly { readonly layerVersionArn: string }[] }) =>
  layers.map(({ layerVersionArn }) => layerVersionArn)

describe('publishLayerVersion', () => {
  it('stores the archive as the next version and says what it is (no. 173)', async () => {
    const first = await publish('tools', {
      description: 'shared',
      compatibleRuntimes: ['nodejs22.x', 'python3.12', 'nodejs22.x'],
      compatibleArchitectures: ['ARM64'],
      licenseInfo: 'MIT',
    })
    expect(first).toMatchObject({
      scope: SCOPE,
      layerName: 'tools',
      number: 1,
      description: 'shared',
      compatibleRuntimes: ['nodejs22.x', 'python3.12'],
      compatibleArchitectures: ['ARM64'],
      licenseInfo: 'MIT',
    })
    expect((await publish('tools')).number).toBe(2)
    expect(await plane.services.layerVersionsByNumber(SCOPE, [{ layerId: first.layerId, number: 1 }])).toEqual([first])
  })

  it('gives each of many at once a number of its own', async () => {
    const versions = await Promise.all(Array.from({ length: 8 }, () => publish('busy')))
    expect(versions.map(({ number }) => number).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })

  it('never uses a number again, even where all versions were deleted', async () => {
    await publish('tools')
    await publish('tools')
    await remove('tools', 2)
    await remove('tools', 1)
    expect(await plane.services.getLayer(SCOPE, 'tools')).toBeNull()
    expect((await publish('tools')).number).toBe(3)
  })

  it('takes the name or the ARN of the layer, and no ARN of another account', async () => {
    await publish(`${ACCOUNT_ARN}:layer:tools`)
    expect((await plane.services.getLayer(SCOPE, 'tools'))?.latest.number).toBe(1)
    const theirs = 'arn:aws:lambda:us-east-1:222222222222:layer:tools'
    await expect(publish(theirs)).rejects.toEqual(fault('ACCESS_DENIED', /not authorized/))
    await expect(publish('no spaces')).rejects.toEqual(fault('VALIDATION', /at 'layerName' failed to satisfy/))
    await expect(publish('')).rejects.toEqual(fault('VALIDATION', /at 'layerName' failed to satisfy/))
  })

  it('refuses what breaks a constraint, in one message', async () => {
    const request = layer('tools', { description: 'x'.repeat(257), licenseInfo: 'x'.repeat(513) })
    await expect(plane.services.publishLayerVersion(SCOPE, request)).rejects.toEqual(
      fault('VALIDATION', /^2 validation errors detected: .* at 'description' .* at 'licenseInfo' /),
    )
  })

  it.each([
    ['whose link leads out', [{ name: 'out', content: '/etc/passwd', mode: LINK }]],
    ['whose entry climbs out', [{ name: '../evil' }]],
    ['that claims more than there is', [{ name: 'bomb', content: 'x', declaredSize: 300_000_000, deflate: true }]],
    ['that is empty', []],
  ])('refuses an archive %s, as that of a function', async (_name, entries) => {
    const content = { kind: 'ZIP', base64: zipBytes(entries).toString('base64') } as const
    await expect(publish('evil', { content })).rejects.toEqual(
      fault(
        'INVALID_PARAMETER_VALUE',
        /^(Could not unzip uploaded file|Uploaded file must be a non-empty zip|Unzipped)/,
      ),
    )
    expect(await plane.services.getLayer(SCOPE, 'evil')).toBeNull()
  })
})

describe('the layers of an account', () => {
  it('are listed by name, each with its newest version that is compatible', async () => {
    await publish('b', { compatibleRuntimes: ['nodejs22.x'], compatibleArchitectures: ['ARM64'] })
    await publish('b', { compatibleRuntimes: ['python3.12'] })
    await publish('a')
    const list = async (filter = {}, after: string | null = null, first = 10) => {
      const page = await plane.services.listLayers(SCOPE, { ...NONE, ...filter }, { first, after })
      return [page.items.map(({ name, latest }) => `${name}:${latest.number}`), page.hasNextPage]
    }
    expect(await list()).toEqual([['a:1', 'b:2'], false])
    expect(await list({}, null, 1)).toEqual([['a:1'], true])
    expect(await list({}, 'a')).toEqual([['b:2'], false])
    expect(await list({ compatibleRuntime: 'nodejs22.x' })).toEqual([['b:1'], false])
    expect(await list({ compatibleRuntime: 'nodejs22.x', compatibleArchitecture: 'X86_64' })).toEqual([[], false])
  })

  it('have their versions newest first, page by page, without those that were deleted', async () => {
    const { layerId } = await publish('tools')
    for (let count = 0; count < 3; count += 1) await publish('tools')
    await remove('tools', 3)
    const page = async (first: number, after: number | null) => {
      const found = (await plane.services.layerVersionPages(SCOPE, [layerId], { first, after })).get(layerId)!
      return [found.items.map(({ number }) => number), found.hasNextPage]
    }
    expect(await page(2, null)).toEqual([[4, 2], true])
    expect(await page(2, 2)).toEqual([[1], false])
  })

  it('are nobody else’s: to another account they do not exist', async () => {
    const { layerId } = await publish('tools')
    const { services } = plane
    expect(await services.getLayer(STRANGER, 'tools')).toBeNull()
    expect(await services.getLayer(STRANGER, `${ACCOUNT_ARN}:layer:tools`)).toBeNull()
    expect((await services.listLayers(STRANGER, NONE, { first: 10, after: null })).items).toEqual([])
    expect(await services.layerVersionsByNumber(STRANGER, [{ layerId, number: 1 }])).toEqual([])
    await services.deleteLayerVersion(STRANGER, { layerName: 'tools', versionNumber: 1 })
    await services.deleteLayerVersion(STRANGER, { layerName: `${ACCOUNT_ARN}:layer:tools`, versionNumber: 1 })
    const theirs = `${ACCOUNT_ARN}:layer:tools:1`
    await expect(services.createFunction(STRANGER, functionRequest({ layers: [theirs] }))).rejects.toEqual(
      fault('INVALID_PARAMETER_VALUE', `Layer version ${theirs} does not exist.`),
    )
    expect((await services.getLayer(SCOPE, 'tools'))?.latest.number).toBe(1)
  })
})

describe('deleteLayerVersion', () => {
  it('succeeds where there is none, and refuses what can be no version', async () => {
    const deletedLayerVersionArn = `${ACCOUNT_ARN}:layer:nothing:7`
    expect(await remove('nothing', 7)).toEqual({ deletedLayerVersionArn })
    for (const number of [0, -1]) {
      await expect(remove('nothing', number)).rejects.toEqual(
        fault('INVALID_PARAMETER_VALUE', 'Layer Version Cannot be less than 1'),
      )
    }
  })

  it('leaves the functions that have it as they are, and gives it to no further one (no. 175)', async () => {
    await publish('tools')
    const arn = `${ACCOUNT_ARN}:layer:tools:1`
    await create([arn])
    await remove('tools', 1)
    expect(arnsOf(await latest())).toEqual([arn])
    await plane.services.updateFunctionConfiguration(SCOPE, { ...UNCHANGED, memoryMiB: 256 })
    expect(arnsOf(await plane.services.publishVersion(SCOPE, PUBLISH))).toEqual([arn])
    const resolved = await plane.resolver.resolve(SCOPE, 'hello', '1', 0)
    expect(resolved.spec.layerSha256s).toEqual((await latest()).layers.map(({ codeSha256 }) => codeSha256))
    await expect(create([arn], { functionName: 'other' })).rejects.toEqual(
      fault('INVALID_PARAMETER_VALUE', `Layer version ${arn} does not exist.`),
    )
  })
})

describe('the layers of a function', () => {
  it('are what it was created or configured with, in order; what is left out stays, an empty list is none', async () => {
    for (const name of ['a', 'b']) await publish(name)
    const [a, b] = ['a', 'b'].map((name) => `${ACCOUNT_ARN}:layer:${name}:1`) as [string, string]
    await create([b, a])
    expect(arnsOf(await latest())).toEqual([b, a])
    expect(arnsOf((await configure(undefined)).latest)).toEqual([b, a])
    expect(arnsOf((await configure([a])).latest)).toEqual([a])
    expect(arnsOf((await configure([])).latest)).toEqual([])
  })

  it('are published with it, and another order of them is another version', async () => {
    for (const name of ['a', 'b']) await publish(name)
    const [a, b] = ['a', 'b'].map((name) => `${ACCOUNT_ARN}:layer:${name}:1`) as [string, string]
    await create([a, b], { publish: true })
    expect((await plane.services.publishVersion(SCOPE, PUBLISH)).number).toBe(1)
    await configure([b, a])
    const second = await plane.services.publishVersion(SCOPE, PUBLISH)
    expect([second.number, arnsOf(second)]).toEqual([2, [b, a]])
    const spec = async (qualifier: string) => (await plane.resolver.resolve(SCOPE, 'hello', qualifier, 0)).spec
    expect((await spec('1')).layerSha256s).toEqual([...(await spec('2')).layerSha256s].reverse())
  })

  const path = new URL('../fixtures/awsErrors/layers.json', import.meta.url)
  const { cases } = JSON.parse(readFileSync(path, 'utf8')) as {
    cases: { case: string; layers: string[]; code: string; message: string }[]
  }
  const told = (text: string) =>
    text.replaceAll('OTHER_REGION:', 'arn:aws:lambda:eu-west-1:111111111111:').replaceAll(/\bARN:/g, `${ACCOUNT_ARN}:`)

  it.each(cases.map((each) => [each.case, each] as const))(
    "are refused in AWS's words, when it is created and later: %s",
    async (_name, { layers, code, message }) => {
      for (let count = 0; count < 3; count += 1) await publish('tested')
      for (const name of ['b', 'c', 'd', 'e', 'f']) await publish(name)
      const expected = fault(code, told(message))
      await expect(create(layers.map(told))).rejects.toEqual(expected)
      await create([])
      await expect(configure(layers.map(told))).rejects.toEqual(expected)
      expect((await latest()).layers).toEqual([])
    },
  )

  it("count with the function's code against 250 MB unzipped, whichever of them changes", async () => {
    const { codeSha256 } = await publish('large')
    await publish('other')
    const large = `${ACCOUNT_ARN}:layer:large:1`
    const { pool } = plane.testDatabase.database
    const setSize = (bytes: number, sha256: string) =>
      pool.query('UPDATE code_blob SET unzipped_size_bytes = $1 WHERE sha256 = $2', [bytes, Buffer.from(sha256, 'hex')])
    await setSize(262_144_000 - 10, codeSha256)
    const tooLarge = fault(
      'INVALID_PARAMETER_VALUE',
      /^Function code combined with layers exceeds the maximum allowed size of 262144000 bytes\. The actual size is \d+ bytes\.$/,
    )
    const small = { code: codeFiles('1234567890') }
    await expect(create([large])).rejects.toEqual(tooLarge)
    await create([large], small)
    const change = { functionName: 'hello', architectures: null, publish: false, revisionId: null }
    for (const dryRun of [true, false]) {
      const code = codeFiles('12345678901')
      await expect(plane.services.updateFunctionCode(SCOPE, { ...change, code, dryRun })).rejects.toEqual(tooLarge)
    }
    await configure([])
    await plane.services.updateFunctionCode(SCOPE, { ...change, code: codeFiles('12345678901'), dryRun: false })
    await expect(configure([large])).rejects.toEqual(tooLarge)
    await setSize(262_144_000, codeSha256)
    await expect(configure([large, `${ACCOUNT_ARN}:layer:other:1`])).rejects.toEqual(
      fault('INVALID_PARAMETER_VALUE', 'Layers consume more than the available size of 262144000 bytes'),
    )
  })
})
