import { describe, expect, it } from 'vitest'
import { codeFiles, createControlPlane, functionRequest, PUBLISH, SCOPE, UNCHANGED } from './kit.ts'

/** A runtime that somebody is fetching: each call of `ensure` waits for `arrive` or `fail`. */
function fetching() {
  let arrive = () => undefined as undefined
  let fail = (_cause: Error) => undefined as undefined
  const fetched = new Promise<void>((resolve, reject) => {
    arrive = () => void resolve() as undefined
    fail = (cause) => void reject(cause) as undefined
  })
  fetched.catch(() => undefined)
  return { ensure: () => fetched, arrive, fail }
}

describe('a function whose runtime is being fetched', () => {
  it('is PENDING, answers at once, and invocations wait until it is ACTIVE (no. 8, 11)', async () => {
    const runtime = fetching()
    await using plane = await createControlPlane(runtime.ensure)
    const { function: created, version } = await plane.services.createFunction(
      SCOPE,
      functionRequest({ publish: true }),
    )
    expect([created.latest.state, version?.state]).toEqual(['PENDING', 'PENDING'])
    expect(created.latest.stateReason).toBe('The function is being created.')
    const waiting = Promise.all([
      plane.resolver.resolve(SCOPE, 'hello', null, 0),
      plane.resolver.resolve(SCOPE, 'hello', '1', 0),
    ])
    runtime.arrive()
    const [latest, published] = await waiting
    expect([latest.spec.versionNumber, published.spec.versionNumber]).toEqual([0, 1])
    const active = (await plane.services.getFunction(SCOPE, 'hello'))!.latest
    expect(active).toMatchObject({ state: 'ACTIVE', stateReason: null })
    expect(active.revisionId).not.toBe(created.latest.revisionId)
    expect(plane.faults).toEqual([])
  })

  it('is FAILED with the reason when it cannot be had, refuses invocations, and is tried again by a change', async () => {
    const runtime = fetching()
    let isThere = false
    await using plane = await createControlPlane(() => (isThere ? Promise.resolve() : runtime.ensure()))
    await plane.services.createFunction(SCOPE, functionRequest())
    const waiting = plane.resolver.resolve(SCOPE, 'hello', null, 0)
    runtime.fail(new Error('no network'))
    await expect(waiting).rejects.toMatchObject({
      code: 'RESOURCE_CONFLICT',
      message: expect.stringContaining(
        'The function is currently in the following state: Failed. The runtime nodejs22.x',
      ),
    })
    expect((await plane.services.getFunction(SCOPE, 'hello'))?.latest).toMatchObject({
      state: 'FAILED',
      stateReason: expect.stringContaining('no network.'),
    })
    await expect(plane.services.publishVersion(SCOPE, PUBLISH)).rejects.toMatchObject({ code: 'RESOURCE_CONFLICT' })
    isThere = true
    const changed = await plane.services.updateFunctionConfiguration(SCOPE, { ...UNCHANGED, memoryMiB: 256 })
    expect(changed.latest.state).toBe('ACTIVE')
    await plane.resolver.resolve(SCOPE, 'hello', null, 0)
  })

  it('is FAILED from the beginning when that is known at once, and then publishes nothing', async () => {
    await using plane = await createControlPlane(() => Promise.reject(new Error('not on this machine')))
    const created = await plane.services.createFunction(SCOPE, functionRequest({ publish: true }))
    expect(created).toMatchObject({ version: null, function: { latest: { state: 'FAILED' } } })
  })

  it('is taken up again after a restart', async () => {
    await using plane = await createControlPlane(fetching().ensure)
    await plane.services.createFunction(SCOPE, functionRequest())
    const restarted = plane.again(async () => undefined)
    await restarted.start()
    await expect
      .poll(async () => (await restarted.services.getFunction(SCOPE, 'hello'))?.latest.state, { timeout: 10_000 })
      .toBe('ACTIVE')
  })

  it('can be changed meanwhile: another runtime counts', async () => {
    const slow = fetching()
    await using plane = await createControlPlane((runtime) =>
      runtime === 'python3.12' ? Promise.resolve() : slow.ensure(),
    )
    await plane.services.createFunction(SCOPE, functionRequest())
    const changed = await plane.services.updateFunctionConfiguration(SCOPE, { ...UNCHANGED, runtime: 'python3.12' })
    expect(changed.latest).toMatchObject({ state: 'ACTIVE', runtime: 'python3.12' })
    slow.fail(new Error('too late'))
    await plane.services.updateFunctionCode(SCOPE, {
      functionName: 'hello',
      code: codeFiles('2'),
      architectures: null,
      publish: false,
      dryRun: false,
      revisionId: null,
    })
    expect((await plane.services.getFunction(SCOPE, 'hello'))?.latest.state).toBe('ACTIVE')
  })
})
