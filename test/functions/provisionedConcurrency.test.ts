import { afterAll, beforeAll, expect, it } from 'vitest'
import { UserFault } from '../../src/errors.ts'
import { type ControlPlane, createControlPlane, functionRequest, SCOPE, STRANGER } from './kit.ts'

let plane: ControlPlane
beforeAll(async () => {
  plane = await createControlPlane()
  for (const functionName of ['one', 'other', 'third']) {
    await plane.services.createFunction(SCOPE, functionRequest({ functionName, publish: true }))
  }
})
afterAll(() => plane[Symbol.asyncDispose]())

const reserve = (functionName: string, reservedConcurrentExecutions: number) =>
  plane.services.putFunctionConcurrency(SCOPE, { functionName, reservedConcurrentExecutions })
const provision = (functionName: string, provisionedConcurrentExecutions: number) =>
  plane.services.putProvisionedConcurrencyConfig(SCOPE, {
    functionName,
    qualifier: '1',
    provisionedConcurrentExecutions,
  })
async function clear(): Promise<void> {
  for (const functionName of ['one', 'other', 'third']) {
    await plane.services.deleteProvisionedConcurrencyConfig(SCOPE, { functionName, qualifier: '1' })
    await plane.services.deleteFunctionConcurrency(SCOPE, { functionName })
  }
}

it('what several functions ask for at the same moment never takes more than there is', async () => {
  for (let round = 0; round < 20; round += 1) {
    const answers = await Promise.allSettled([reserve('one', 450), provision('other', 450), provision('third', 450)])
    const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []))
    expect(refused).toHaveLength(1)
    expect(refused[0]).toBeInstanceOf(UserFault)
    await clear()
  }
})

it('what is provisioned within a reservation is not taken twice', async () => {
  await reserve('one', 450)
  await provision('one', 450)
  await provision('other', 450)
  await expect(provision('third', 1)).rejects.toThrow('below its minimum value of [100]')
  await clear()
  await provision('third', 900)
  await clear()
})

it('is refused for what belongs to another account', async () => {
  const request = { functionName: 'one', qualifier: '1', provisionedConcurrentExecutions: 1 }
  await expect(plane.services.putProvisionedConcurrencyConfig(STRANGER, request)).rejects.toMatchObject({
    code: 'RESOURCE_NOT_FOUND',
  })
})
