import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  ARN,
  type ControlPlane,
  codeFiles,
  createControlPlane,
  functionRequest,
  SCOPE,
  STRANGER,
  UNCHANGED,
} from './kit.ts'

let plane: ControlPlane
let functionId: string
beforeAll(async () => {
  plane = await createControlPlane()
  const environment = [{ name: 'NAME', value: 'v' }]
  const created = await plane.services.createFunction(
    SCOPE,
    functionRequest({ publish: true, timeoutSeconds: 7, environment }),
  )
  functionId = created.function.id
  const code = codeFiles('two')
  await plane.services.updateFunctionCode(SCOPE, {
    functionName: 'hello',
    code,
    architectures: null,
    publish: true,
    dryRun: false,
    revisionId: null,
  })
  const alias = { functionName: 'hello', description: '' }
  await plane.services.createAlias(SCOPE, {
    ...alias,
    name: 'live',
    functionVersion: '1',
    weights: [{ version: '2', weight: 0.25 }],
  })
  await plane.services.createAlias(SCOPE, { ...alias, name: 'edge', functionVersion: '$LATEST', weights: [] })
})
afterAll(() => plane[Symbol.asyncDispose]())

const resolve = (reference: string, qualifier: string | null = null, random = 0.5) =>
  plane.resolver.resolve(SCOPE, reference, qualifier, random)
const notFound = (qualified: string) =>
  expect.objectContaining({ code: 'RESOURCE_NOT_FOUND', message: `Function not found: ${ARN}:${qualified}` })

describe('an invocation', () => {
  it('runs $LATEST where no qualifier is given, with everything that is configured', async () => {
    const { latest } = (await plane.services.getFunction(SCOPE, 'hello'))!
    expect(await resolve('hello')).toEqual({
      invokedFunctionArn: `${ARN}:hello`,
      qualifier: null,
      deadLetterTargetArn: null,
      recursiveLoop: 'TERMINATE',
      spec: {
        key: `${latest.id}:${latest.revisionId}`,
        scope: SCOPE,
        functionId,
        functionName: 'hello',
        versionNumber: 0,
        runtime: 'nodejs22.x',
        handler: 'index.handler',
        memoryMiB: 128,
        timeoutMs: 7000,
        ephemeralStorageMiB: 512,
        networkAccess: 'INTERNET',
        environment: { NAME: 'v' },
        architecture: 'X86_64',
        codeSha256: latest.codeSha256,
        layerSha256s: [],
        execWrapper: null,
      },
    })
  })

  it.each([
    ['hello', '$LATEST', 0],
    ['hello:2', null, 2],
    [`${ARN}:hello:1`, null, 1],
    [`${ARN}:hello:1`, '1', 1],
    ['function:hello:edge', null, 0],
    ['111111111111:function:hello', '2', 2],
  ])(
    'of %s with qualifier %s runs version %d under the qualifier that was asked for (no. 38, 71)',
    async (reference, qualifier, number) => {
      const { spec, invokedFunctionArn, qualifier: asked } = await resolve(reference, qualifier)
      expect(spec.versionNumber).toBe(number)
      expect(invokedFunctionArn).toBe(`${ARN}:hello:${asked}`)
    },
  )

  it('by a weighted alias runs its second version for just its share', async () => {
    const ran = async (random: number) => (await resolve('hello', 'live', random)).spec.versionNumber
    expect([await ran(0), await ran(0.2499), await ran(0.25), await ran(0.999)]).toEqual([2, 2, 1, 1])
  })

  it.each([
    ['nobody', null, 'nobody:$LATEST'],
    ['nobody', '3', 'nobody:3'],
    ['hello', '9', 'hello:9'],
    ['hello', '0', 'hello:0'],
    ['hello', '01', 'hello:01'],
    ['hello', '99999999999', 'hello:99999999999'],
    ['hello', 'no-alias', 'hello:no-alias'],
    ['hello', '$latest', 'hello:$latest'],
    ['hello', '$LATEST.PUBLISHED', 'hello:$LATEST.PUBLISHED'],
  ])(
    'of %s with qualifier %s finds nothing, and says what (no. 48, 58, 72, 77)',
    async (reference, qualifier, missing) => {
      await expect(resolve(reference, qualifier)).rejects.toEqual(notFound(missing))
    },
  )

  it('sees only its own account and region', async () => {
    await expect(plane.resolver.resolve(STRANGER, 'hello', null, 0)).rejects.toMatchObject({
      code: 'RESOURCE_NOT_FOUND',
    })
    await expect(plane.resolver.resolve(STRANGER, `${ARN}:hello`, null, 0)).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
    })
  })

  it('gets another key with every change of $LATEST, and the change says which keys stay', async () => {
    const before = (await resolve('hello')).spec.key
    const one = (await resolve('hello', '1')).spec.key
    await plane.services.updateFunctionConfiguration(SCOPE, { ...UNCHANGED, description: 'new' })
    const after = (await resolve('hello')).spec.key
    expect(after).not.toBe(before)
    const { keepKeys } = plane.revisions.at(-1)!
    expect([keepKeys.has(after), keepKeys.has(one), keepKeys.has(before)]).toEqual([true, true, false])
  })
})

describe('a queued invocation', () => {
  it('runs what its qualifier means now, or the version that its first attempt chose', async () => {
    const first = await plane.resolver.resolveQueued(functionId, 'live', null, 0.1)
    expect(first).toMatchObject({
      invokedFunctionArn: `${ARN}:hello:live`,
      qualifier: 'live',
      spec: { versionNumber: 2 },
    })
    const retry = await plane.resolver.resolveQueued(functionId, 'live', 2, 0.9)
    expect(retry?.spec.versionNumber).toBe(2)
    expect((await plane.resolver.resolveQueued(functionId, null, null, 0))?.spec.versionNumber).toBe(0)
  })

  it('finds null where function, alias or version no longer exist', async () => {
    expect(await plane.resolver.resolveQueued(randomUUID(), null, null, 0)).toBeNull()
    expect(await plane.resolver.resolveQueued(functionId, 'gone', null, 0)).toBeNull()
    expect(await plane.resolver.resolveQueued(functionId, 'live', 77, 0)).toBeNull()
  })
})
