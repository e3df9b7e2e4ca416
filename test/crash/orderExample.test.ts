import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
// @ts-expect-error the examples are plain JavaScript, without types
import { deployOrderProcessing } from '../../examples/order-processing/deploy.mjs'
// @ts-expect-error see above
import { decide, lookAtOrder, placeOrder, tokenOf } from '../../examples/order-processing/orders.mjs'
import { type ServiceProcess, serviceScript, startServiceProcess } from '../kit/serviceProcess.ts'
import { type TemporaryFolder, temporaryFolder } from '../kit/temporaryFolder.ts'

let script: string
let folder: TemporaryFolder
let process: ServiceProcess

beforeAll(async () => {
  script = await serviceScript()
})
beforeEach(async () => {
  folder = temporaryFolder()
  process = await startServiceProcess(script, folder.path)
})
afterEach(async () => {
  await process.stop()
  folder[Symbol.dispose]()
})

interface Event {
  readonly id: number
  readonly type: string
  readonly details: { readonly name?: string; readonly error?: string; readonly resource?: string } | null
}

/** The service as the example's script sees it. */
const service = {
  async execute(document: string, variables?: Record<string, unknown>) {
    const { data, errors } = await process.client.query(document, variables)
    expect(errors).toBeUndefined()
    return data
  },
}

async function dieAndRise(): Promise<void> {
  await process.kill()
  process = await startServiceProcess(script, folder.path)
}

const invocationsOf = async (functionName: string) => {
  const document = `query ($f: String!) { function(functionName: $f) { invocations { nodes { status } } } }`
  const { data } = await process.client.query(document, { f: functionName })
  return data.function.invocations.nodes.map(({ status }: { status: string }) => status)
}

it('an order survives the death of the service while it is charged, approved and shipped', {
  timeout: 90_000,
}, async () => {
  const machine = await deployOrderProcessing(service, () => undefined)
  const order = {
    customer: 'Ada',
    address: 'London',
    items: [{ name: 'engine', price: 650 }],
    bankBusyTimes: 1,
    packingSeconds: 2,
  }
  const arn = await placeOrder(service, machine, order, 'killed-half-way')
  const until = (isReached: (events: Event[]) => boolean) =>
    vi.waitFor(
      async () => {
        const { history, status, ...rest } = await lookAtOrder(service, arn)
        expect(isReached(history.nodes)).toBe(true)
        return { events: history.nodes as Event[], status, ...rest }
      },
      { timeout: 20_000, interval: 20 },
    )

  // The bank was busy, and the payment is to be tried again.
  await until((events) => events.some(({ type }) => type === 'TaskFailed'))
  await dieAndRise()

  // A person has been asked.
  const asked = await until((events) => events.some(({ type }) => type === 'TaskSubmitted'))
  await dieAndRise()
  await decide(service, tokenOf(asked.events), true, 'somebody')

  // The parcel is being packed.
  const isShipping = (events: Event[]) => {
    const entered = events.findIndex(({ details }) => details?.name === 'Ship')
    return entered >= 0 && events.slice(entered).filter(({ type }) => type === 'TaskStarted').length > 0
  }
  await until((events) => isShipping(events))
  await dieAndRise()

  await until((all) => all.at(-1)!.type.startsWith('Execution'))
  const ended = await lookAtOrder(service, arn)
  const events: Event[] = ended.history.nodes
  expect(ended.status, JSON.stringify(events.slice(-4))).toBe('SUCCEEDED')
  expect(ended.output).toEqual({
    orderId: 'killed-half-way',
    total: 650,
    payment: 'payment-killed-half-way',
    parcel: 'parcel-killed-half-way',
  })
  // What had begun was not begun again, but where its Retry says so: the shipping, whose outcome was lost.
  expect(await invocationsOf('order-validate')).toEqual(['SUCCEEDED'])
  expect((await invocationsOf('order-charge')).sort()).toEqual(['FAILED', 'SUCCEEDED'])
  expect(await invocationsOf('order-ask')).toEqual(['SUCCEEDED'])
  expect(await invocationsOf('order-ship')).toEqual(['SUCCEEDED'])
  expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1))
  const failures = events.filter(({ type }) => type === 'TaskFailed').map(({ details }) => details?.error)
  expect(failures[0]).toBe('PaymentBusy')
  expect(failures.slice(1).every((error) => error === 'Lambda.Unknown')).toBe(true)
  expect(failures.length).toBeGreaterThan(1)
})
