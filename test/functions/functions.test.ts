import { randomUUID } from 'node:crypto'
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
const revisionFault = fault(
  'PRECONDITION_FAILED',
  'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id',
)

describe('createFunction', () => {
  it('makes an ACTIVE $LATEST with everything that was asked for', async () => {
    const created = await plane.services.createFunction(
      SCOPE,
      functionRequest({
        environment: [
          { name: 'ZED', value: '1' },
          { name: 'ABLE', value: '2' },
        ],
        tags: [{ name: 'team', value: 'x' }],
        description: 'says hello',
      }),
    )
    expect(created.version).toBeNull()
    expect(created.function).toMatchObject({ name: 'hello', scope: SCOPE })
    expect(created.function.tags).toEqual({ team: 'x' })
    expect(created.function.latest).toMatchObject({
      number: 0,
      state: 'ACTIVE',
      stateReason: null,
      runtime: 'nodejs22.x',
    })
    expect(Object.keys(created.function.latest.environment)).toEqual(['ABLE', 'ZED'])
    expect(await plane.services.getFunction(SCOPE, 'hello')).toEqual(created.function)
  })

  it('publishes version 1 at once when asked (no. 50)', async () => {
    const { version } = await plane.services.createFunction(SCOPE, functionRequest({ publish: true }))
    expect(version).toMatchObject({ number: 1, state: 'ACTIVE' })
    expect(await plane.services.publishVersion(SCOPE, PUBLISH)).toEqual(version)
  })

  it('refuses a name that is taken', async () => {
    await plane.services.createFunction(SCOPE, functionRequest())
    await expect(plane.services.createFunction(SCOPE, functionRequest())).rejects.toEqual(
      fault('RESOURCE_CONFLICT', 'Function already exist: hello'),
    )
  })

  it('lets exactly one of many concurrent creations of a name win', async () => {
    const attempts = Array.from({ length: 8 }, () => plane.services.createFunction(SCOPE, functionRequest()))
    const ends = await Promise.allSettled(attempts)
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const end of ends)
      if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: 'RESOURCE_CONFLICT' })
  })

  it('names all broken constraints at once, in the words of AWS', async () => {
    const request = functionRequest({ memoryMiB: 64, timeoutSeconds: 901, architectures: ['X86_64', 'ARM64'] })
    await expect(plane.services.createFunction(SCOPE, request)).rejects.toEqual(
      fault(
        'VALIDATION',
        "3 validation errors detected: Value '64' at 'memorySize' failed to satisfy constraint: Member must have value " +
          "greater than or equal to 128; Value '901' at 'timeout' failed to satisfy constraint: Member must have value " +
          "less than or equal to 900; Value '[x86_64, arm64]' at 'architectures' failed to satisfy constraint: Member " +
          'must have length less than or equal to 1',
      ),
    )
  })

  it('refuses a broken zip and leaves nothing behind (no. 24)', async () => {
    const code = { kind: 'ZIP', base64: Buffer.from('no zip').toString('base64') } as const
    await expect(plane.services.createFunction(SCOPE, functionRequest({ code }))).rejects.toEqual(
      fault(
        'INVALID_PARAMETER_VALUE',
        'Could not unzip uploaded file. Please check your file, then try to upload again.',
      ),
    )
    expect(await plane.services.getFunction(SCOPE, 'hello')).toBeNull()
  })

  it('keeps names apart by account and by region', async () => {
    const regions = [SCOPE, STRANGER, { ...SCOPE, region: 'eu-west-1' }]
    const created = await Promise.all(regions.map((scope) => plane.services.createFunction(scope, functionRequest())))
    expect(new Set(created.map(({ function: { id } }) => id)).size).toBe(3)
    const ids = created.map(({ function: { id } }) => id)
    expect([...(await plane.services.functionsById(SCOPE, ids)).keys()]).toEqual([created[0]?.function.id])
    expect((await plane.services.listFunctions(SCOPE, { first: 10, after: null })).items).toHaveLength(1)
  })
})

describe('updateFunctionConfiguration', () => {
  it('changes what is given, leaves the rest, and always gives a new revision (no. 17)', async () => {
    const { function: before } = await plane.services.createFunction(SCOPE, functionRequest({ memoryMiB: 256 }))
    const after = await plane.services.updateFunctionConfiguration(SCOPE, { ...UNCHANGED, timeoutSeconds: 9 })
    expect(after.latest).toMatchObject({ timeoutSeconds: 9, memoryMiB: 256 })
    expect(after.latest.revisionId).not.toBe(before.latest.revisionId)
    const again = await plane.services.updateFunctionConfiguration(SCOPE, { ...UNCHANGED, timeoutSeconds: 9 })
    expect(again.latest.revisionId).not.toBe(after.latest.revisionId)
  })

  it('refuses an old revision (no. 55)', async () => {
    await plane.services.createFunction(SCOPE, functionRequest())
    const request = { ...UNCHANGED, memoryMiB: 512, revisionId: randomUUID() }
    await expect(plane.services.updateFunctionConfiguration(SCOPE, request)).rejects.toEqual(revisionFault)
    expect((await plane.services.getFunction(SCOPE, 'hello'))?.latest.memoryMiB).toBe(128)
  })

  it('lets exactly one of many concurrent updates with the same revision win', async () => {
    const { function: before } = await plane.services.createFunction(SCOPE, functionRequest())
    const { revisionId } = before.latest
    const ends = await Promise.allSettled(
      Array.from({ length: 12 }, (_, index) =>
        index % 2 === 0
          ? plane.services.updateFunctionConfiguration(SCOPE, { ...UNCHANGED, memoryMiB: 200 + index, revisionId })
          : plane.services.updateFunctionCode(SCOPE, {
              functionName: 'hello',
              code: codeFiles(`// ${index}`),
              architectures: null,
              publish: false,
              dryRun: false,
              revisionId,
            }),
      ),
    )
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const end of ends) if (end.status === 'rejected') expect(end.reason).toEqual(revisionFault)
  })

  it('answers 404 with the ARN for a function that is not there', async () => {
    await expect(plane.services.updateFunctionConfiguration(SCOPE, UNCHANGED)).rejects.toEqual(
      fault('RESOURCE_NOT_FOUND', `Function not found: ${ARN}:hello`),
    )
  })

  it('keeps environment variables of more than 4 KB out (no. 28)', async () => {
    await plane.services.createFunction(SCOPE, functionRequest())
    const environment = [
      { name: 'SMALL_VAR', value: 'ok' },
      { name: 'LARGE_VAR', value: 'x'.repeat(4096) },
    ]
    await expect(plane.services.updateFunctionConfiguration(SCOPE, { ...UNCHANGED, environment })).rejects.toEqual(
      fault(
        'INVALID_PARAMETER_VALUE',
        'Lambda was unable to configure your environment variables because the environment variables you have ' +
          `provided exceeded the 4KB limit. String measured: {"SMALL_VAR":"ok","LARGE_VAR":"${'x'.repeat(4096)}"}`,
      ),
    )
  })
})

describe('updateFunctionCode', () => {
  const update = {
    functionName: 'hello',
    architectures: null,
    publish: false,
    dryRun: false,
    revisionId: null,
  } as const

  it('gives $LATEST the code and a new revision, and can publish it (no. 57)', async () => {
    const { function: before } = await plane.services.createFunction(SCOPE, functionRequest({ publish: true }))
    const change = await plane.services.updateFunctionCode(SCOPE, { ...update, code: codeFiles('2'), publish: true })
    expect(change.version).toMatchObject({ number: 2, codeSha256: change.function.latest.codeSha256 })
    expect(change.function.latest.codeSha256).not.toBe(before.latest.codeSha256)
    expect(change.function.latest.revisionId).not.toBe(before.latest.revisionId)
  })

  it('changes and stores nothing on a dry run', async () => {
    const { function: before } = await plane.services.createFunction(SCOPE, functionRequest())
    const { prisma } = plane.testDatabase.database
    const blobs = await prisma.codeBlob.count()
    const change = await plane.services.updateFunctionCode(SCOPE, { ...update, code: codeFiles('3'), dryRun: true })
    expect(change).toEqual({ function: before, version: null })
    expect(await prisma.codeBlob.count()).toBe(blobs)
    const broken = { kind: 'ZIP', base64: 'AAAA' } as const
    await expect(
      plane.services.updateFunctionCode(SCOPE, { ...update, code: broken, dryRun: true }),
    ).rejects.toMatchObject({
      code: 'INVALID_PARAMETER_VALUE',
    })
  })
})

describe('deleteFunction', () => {
  const remove = (functionName: string, qualifier: string | null = null) =>
    plane.services.deleteFunction(SCOPE, { functionName, qualifier })

  it('takes versions and aliases along, and answers 404 the second time (no. 35)', async () => {
    await plane.services.createFunction(SCOPE, functionRequest({ publish: true }))
    await plane.services.createAlias(SCOPE, {
      functionName: 'hello',
      name: 'live',
      functionVersion: '1',
      description: '',
      weights: [],
    })
    expect(await remove('hello')).toEqual({ deletedFunctionArn: `${ARN}:hello` })
    expect(plane.revisions.at(-1)?.keepKeys).toEqual(new Set())
    await expect(remove('hello')).rejects.toEqual(fault('RESOURCE_NOT_FOUND', `Function not found: ${ARN}:hello`))
  })

  it('succeeds for a version that is not there, and names no version where the function is not there (no. 36)', async () => {
    await plane.services.createFunction(SCOPE, functionRequest())
    expect(await remove('hello', '7')).toEqual({ deletedFunctionArn: `${ARN}:hello:7` })
    await expect(remove('nobody', '7')).rejects.toEqual(
      fault('RESOURCE_NOT_FOUND', `Function not found: ${ARN}:nobody`),
    )
  })

  it('deletes neither $LATEST nor aliases by qualifier (no. 37)', async () => {
    await plane.services.createFunction(SCOPE, functionRequest())
    const latest = fault('INVALID_PARAMETER_VALUE', '$LATEST version cannot be deleted without deleting the function.')
    await expect(remove('hello', '$LATEST')).rejects.toEqual(latest)
    await expect(remove(`${ARN}:hello:$LATEST`)).rejects.toEqual(latest)
    await expect(remove('hello', 'live')).rejects.toEqual(
      fault('INVALID_PARAMETER_VALUE', 'Deletion of aliases is not currently supported.'),
    )
  })

  it('keeps a version that aliases point to, by main or by weight', async () => {
    await plane.services.createFunction(SCOPE, functionRequest({ publish: true }))
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
      name: 'b',
      functionVersion: '1',
      weights: [{ version: '2', weight: 0.5 }],
    })
    await plane.services.createAlias(SCOPE, { ...alias, name: 'a', functionVersion: '1', weights: [] })
    const message = 'Unable to delete version because the following aliases reference it: '
    await expect(remove('hello', '1')).rejects.toEqual(fault('RESOURCE_CONFLICT', `${message}[a, b]`))
    await expect(remove('hello', '2')).rejects.toEqual(fault('RESOURCE_CONFLICT', `${message}[b]`))
  })
})

describe('labels', () => {
  const tags = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `key${index}`, value: 'v' }))

  it('are added, overwritten and removed, and change no revision', async () => {
    const { function: before } = await plane.services.createFunction(SCOPE, functionRequest({ tags: tags(2) }))
    await plane.services.tagFunction(SCOPE, {
      functionName: 'hello',
      tags: [
        { name: 'key1', value: 'w' },
        { name: 'a', value: '' },
      ],
    })
    const after = await plane.services.untagFunction(SCOPE, { functionName: 'hello', tagKeys: ['key0', 'nothing'] })
    expect(after.tags).toEqual({ a: '', key1: 'w' })
    expect(after.latest).toEqual(before.latest)
  })

  it('are at most 50 in all (no. 172)', async () => {
    const tooMany = fault('INVALID_PARAMETER_VALUE', 'Number of tags exceeds resource tag limit.')
    await expect(plane.services.createFunction(SCOPE, functionRequest({ tags: tags(51) }))).rejects.toEqual(tooMany)
    await plane.services.createFunction(SCOPE, functionRequest({ tags: tags(50) }))
    const one = { functionName: 'hello', tags: [{ name: 'another', value: '' }] }
    await expect(plane.services.tagFunction(SCOPE, one)).rejects.toEqual(tooMany)
  })

  it('are never named __proto__, which would be lost', async () => {
    const request = functionRequest({ tags: [{ name: '__proto__', value: 'x' }] })
    await expect(plane.services.createFunction(SCOPE, request)).rejects.toMatchObject({
      code: 'INVALID_PARAMETER_VALUE',
    })
  })

  it('belong to functions only, and are never none (no. 172)', async () => {
    await plane.services.createFunction(SCOPE, functionRequest())
    for (const functionName of [`${ARN}:hello:1`, `${ARN}:hello:$LATEST`]) {
      await expect(plane.services.tagFunction(SCOPE, { functionName, tags: tags(1) })).rejects.toEqual(
        fault(
          'INVALID_PARAMETER_VALUE',
          'Tags on function aliases and versions are not supported. Please specify a function ARN.',
        ),
      )
    }
    await expect(plane.services.tagFunction(SCOPE, { functionName: 'hello', tags: [] })).rejects.toEqual(
      fault('INVALID_PARAMETER_VALUE', 'An error occurred and the request cannot be processed.'),
    )
    await expect(plane.services.untagFunction(SCOPE, { functionName: 'hello', tagKeys: [] })).rejects.toEqual(
      fault(
        'VALIDATION',
        "1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: Member must not be null",
      ),
    )
  })
})

describe('listFunctions', () => {
  it('walks all functions in the order of names, each once', async () => {
    const names = ['b', 'a', 'd', 'c', 'e']
    for (const functionName of names) await plane.services.createFunction(SCOPE, functionRequest({ functionName }))
    const seen: string[] = []
    let after: string | null = null
    for (let pages = 1; ; pages += 1) {
      const page: Awaited<ReturnType<typeof plane.services.listFunctions>> = await plane.services.listFunctions(SCOPE, {
        first: 2,
        after,
      })
      seen.push(...page.items.map(({ name }) => name))
      after = seen.at(-1) ?? null
      if (!page.hasNextPage) {
        expect(pages).toBe(3)
        break
      }
    }
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'e'])
  })
})

describe('getFunction', () => {
  it('refuses what another account owns by ARN, and another region (no. 45, 46)', async () => {
    await plane.services.createFunction(STRANGER, functionRequest())
    await expect(
      plane.services.getFunction(SCOPE, `${ARN.replace('111111111111', '222222222222')}:hello`),
    ).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
    })
    await expect(plane.services.getFunction(SCOPE, `${ARN.replace('us-east-1', 'eu-west-1')}:hello`)).rejects.toEqual(
      fault('RESOURCE_NOT_FOUND', "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')"),
    )
    expect(await plane.services.getFunction(SCOPE, 'hello')).toBeNull()
  })
})
