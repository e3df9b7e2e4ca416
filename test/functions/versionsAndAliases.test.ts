import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  ARN,
  type ControlPlane,
  codeFiles,
  createControlPlane,
  functionRequest,
  PUBLISH,
  SCOPE,
  STRANGER,
  UNCHANGED,
} from './kit.ts'

let plane: ControlPlane
beforeAll(async () => {
  plane = await createControlPlane()
})
afterAll(() => plane[Symbol.asyncDispose]())
beforeEach(async () => {
  await plane.testDatabase.database.prisma.function.deleteMany()
})

const fault = (code: string, message: string) => expect.objectContaining({ name: 'UserFault', code, message })
const update = (content: string, publish = false) =>
  plane.services.updateFunctionCode(SCOPE, {
    functionName: 'hello',
    code: codeFiles(content),
    architectures: null,
    publish,
    dryRun: false,
    revisionId: null,
  })
const latest = async () => (await plane.services.getFunction(SCOPE, 'hello'))!.latest
const publish = (overrides: Partial<typeof PUBLISH | { description: string }> = {}) =>
  plane.services.publishVersion(SCOPE, { ...PUBLISH, ...overrides })

describe('publishVersion', () => {
  it('copies $LATEST under the next number, with a description of its own, and changes its revision (no. 51, 53)', async () => {
    const { function: before } = await plane.services.createFunction(SCOPE, functionRequest({ description: 'mine' }))
    const version = await publish({ description: 'first' })
    expect(version).toMatchObject({ number: 1, description: 'first', codeSha256: before.latest.codeSha256 })
    const after = await latest()
    expect(after.description).toBe('mine')
    expect(new Set([before.latest.revisionId, version.revisionId, after.revisionId]).size).toBe(3)
  })

  it('answers with the existing version when nothing changed, even with another description (no. 52)', async () => {
    await plane.services.createFunction(SCOPE, functionRequest())
    const version = await publish()
    const { revisionId } = await latest()
    expect(await publish({ description: 'another' })).toEqual(version)
    expect((await latest()).revisionId).toBe(revisionId)
  })

  it('publishes anew when the configuration changed, and when it changed back later', async () => {
    await plane.services.createFunction(SCOPE, functionRequest())
    await publish()
    await plane.services.updateFunctionConfiguration(SCOPE, { ...UNCHANGED, memoryMiB: 256 })
    expect((await publish()).number).toBe(2)
    await plane.services.updateFunctionConfiguration(SCOPE, { ...UNCHANGED, memoryMiB: 128 })
    expect((await publish()).number).toBe(3)
  })

  it('never uses a number again (no. 54)', async () => {
    await plane.services.createFunction(SCOPE, functionRequest({ publish: true }))
    await update('two', true)
    await plane.services.deleteFunction(SCOPE, { functionName: 'hello', qualifier: '2' })
    await plane.services.deleteFunction(SCOPE, { functionName: 'hello', qualifier: '1' })
    expect((await publish()).number).toBe(3)
  })

  it('refuses a wrong SHA-256 and an old revision (no. 55, 56)', async () => {
    await plane.services.createFunction(SCOPE, functionRequest())
    const present = Buffer.from((await latest()).codeSha256, 'hex').toString('base64')
    await expect(
      plane.services.publishVersion(SCOPE, { ...PUBLISH, codeSha256: 'somenonexistentsha256' }),
    ).rejects.toEqual(
      fault(
        'INVALID_PARAMETER_VALUE',
        `CodeSHA256 (somenonexistentsha256) is different from current CodeSHA256 in $LATEST (${present}). ` +
          'Please try again with the CodeSHA256 in $LATEST.',
      ),
    )
    await expect(plane.services.publishVersion(SCOPE, { ...PUBLISH, revisionId: 'old' })).rejects.toMatchObject({
      code: 'PRECONDITION_FAILED',
    })
    expect((await plane.services.publishVersion(SCOPE, { ...PUBLISH, codeSha256: present })).number).toBe(1)
  })

  it('gives concurrent publications of unchanged code one and the same version', async () => {
    await plane.services.createFunction(SCOPE, functionRequest())
    const versions = await Promise.all(Array.from({ length: 10 }, () => publish()))
    expect(new Set(versions.map(({ id }) => id)).size).toBe(1)
    expect(versions[0]?.number).toBe(1)
  })

  it('gives concurrent publications of different code consecutive numbers', async () => {
    await plane.services.createFunction(SCOPE, functionRequest())
    const changes = await Promise.all(Array.from({ length: 10 }, (_, index) => update(`// ${index}`, true)))
    const numbers = changes.map(({ version }) => version!.number).sort((a, b) => a - b)
    expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    const shas = changes.map(({ version }) => version!.codeSha256)
    expect(new Set(shas).size).toBe(10)
  })

  it('makes versions that not even the database changes', async () => {
    await plane.services.createFunction(SCOPE, functionRequest())
    const { id } = await publish()
    const { prisma } = plane.testDatabase.database
    await expect(prisma.functionVersion.update({ where: { id }, data: { memoryMiB: 512 } })).rejects.toThrow(
      /published/,
    )
  })

  it('lists versions newest first, without $LATEST, for many functions at once', async () => {
    const created = await plane.services.createFunction(SCOPE, functionRequest({ publish: true }))
    const other = await plane.services.createFunction(SCOPE, functionRequest({ functionName: 'other' }))
    await update('2', true)
    await update('3', true)
    const ids = [created.function.id, other.function.id]
    const pages = await plane.services.versionPages(SCOPE, ids, { first: 2, after: null })
    expect(pages.get(ids[0]!)).toMatchObject({ items: [{ number: 3 }, { number: 2 }], hasNextPage: true })
    expect(pages.get(ids[1]!)).toEqual({ items: [], hasNextPage: false })
    const rest = await plane.services.versionPages(SCOPE, ids, { first: 2, after: 2 })
    expect(rest.get(ids[0]!)).toMatchObject({
      items: [{ number: 1, scope: SCOPE, functionName: 'hello' }],
      hasNextPage: false,
    })
    const strangers = await plane.services.versionPages(STRANGER, ids, { first: 2, after: null })
    expect([...strangers.values()].flatMap(({ items }) => items)).toEqual([])
  })
})

describe('aliases', () => {
  interface RecordedAlias {
    readonly case: string
    readonly operation: 'createAlias' | 'updateAlias'
    readonly functionName?: string
    readonly name: string
    readonly functionVersion?: string
    readonly weights?: readonly { readonly version: string; readonly weight: number }[]
    readonly code: string
    readonly message: string
  }
  const path = new URL('../fixtures/awsErrors/aliases.json', import.meta.url)
  const recorded = JSON.parse(readFileSync(path, 'utf8')) as { readonly cases: readonly RecordedAlias[] }

  const create = (overrides: object = {}) =>
    plane.services.createAlias(SCOPE, {
      functionName: 'hello',
      name: 'custom',
      functionVersion: '1',
      description: '',
      weights: [],
      ...overrides,
    })
  const change = (overrides: object = {}) =>
    plane.services.updateAlias(SCOPE, {
      functionName: 'hello',
      name: 'custom',
      functionVersion: undefined,
      description: undefined,
      weights: undefined,
      revisionId: null,
      ...overrides,
    })

  beforeEach(async () => {
    await plane.services.createFunction(SCOPE, functionRequest({ publish: true }))
    await update('two', true)
  })

  it.each(recorded.cases)('answer as AWS did: $case', async (recording) => {
    if (recording.case.endsWith('already_exist')) await create({ name: recording.name })
    const operation = recording.operation === 'createAlias' ? create : change
    const { functionName = 'hello', name, functionVersion, weights } = recording
    const given = Object.fromEntries(
      Object.entries({ functionName, name, functionVersion, weights }).filter(([, value]) => value !== undefined),
    )
    await expect(operation(given)).rejects.toEqual(
      fault(recording.code, recording.message.replace('ARN:function', ARN)),
    )
  })

  it('point to a version, or to two of them, or to $LATEST (no. 59, 60)', async () => {
    expect(await create()).toMatchObject({ name: 'custom', versionNumber: 1, additionalNumber: null, description: '' })
    const weights = [{ version: '2', weight: 0.25 }]
    expect(await create({ name: 'two', weights })).toMatchObject({ additionalNumber: 2, additionalWeight: 0.25 })
    expect(await create({ name: 'latest', functionVersion: '$LATEST' })).toMatchObject({ versionNumber: 0 })
  })

  it('keep what an update leaves out, and lose their second version by an empty list (no. 70)', async () => {
    const created = await create({ weights: [{ version: '2', weight: 0.25 }], description: 'kept' })
    const updated = await change({ weights: [{ version: '2', weight: 1 }] })
    expect(updated).toMatchObject({ versionNumber: 1, additionalWeight: 1, description: 'kept' })
    expect(updated.revisionId).not.toBe(created.revisionId)
    expect(await change({ weights: [] })).toMatchObject({ additionalNumber: null, additionalWeight: null })
  })

  it('are held to the rules as a whole: a new main version may not be the weighted one that stays', async () => {
    await create({ weights: [{ version: '2', weight: 0.5 }] })
    await expect(change({ functionVersion: '2' })).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' })
    await expect(change({ functionVersion: '$LATEST' })).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' })
    expect(await change({ functionVersion: '2', weights: [] })).toMatchObject({ versionNumber: 2 })
  })

  it('let exactly one of many concurrent updates with the same revision win', async () => {
    const { revisionId } = await create()
    const ends = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) => change({ description: String(index), revisionId })),
    )
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('never point to a version that is deleted at the same moment', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [made, deleted] = await Promise.allSettled([
        create({ name: `round${round}`, functionVersion: '1' }),
        plane.services.deleteFunction(SCOPE, { functionName: 'hello', qualifier: '1' }),
      ])
      expect([made.status, deleted.status].filter((status) => status === 'fulfilled')).toHaveLength(1)
      if (made.status === 'rejected') break
      await plane.services.deleteAlias(SCOPE, { functionName: 'hello', name: `round${round}` })
    }
  })

  it('are gone once or not at all: deleting a missing one succeeds (no. 68)', async () => {
    await create()
    const gone = { deletedAliasArn: `${ARN}:hello:custom` }
    expect(await plane.services.deleteAlias(SCOPE, { functionName: 'hello', name: 'custom' })).toEqual(gone)
    expect(await plane.services.deleteAlias(SCOPE, { functionName: 'hello', name: 'custom' })).toEqual(gone)
  })

  it('are listed in the order of names, for many functions at once', async () => {
    for (const name of ['c', 'a', 'b']) await create({ name })
    const { id } = (await plane.services.getFunction(SCOPE, 'hello'))!
    const first = (await plane.services.aliasPages(SCOPE, [id], { first: 2, after: null })).get(id)
    expect(first).toMatchObject({ items: [{ name: 'a', functionName: 'hello' }, { name: 'b' }], hasNextPage: true })
    const rest = (await plane.services.aliasPages(SCOPE, [id], { first: 2, after: 'b' })).get(id)
    expect(rest).toMatchObject({ items: [{ name: 'c' }], hasNextPage: false })
  })
})
