import { newInvocationId } from '../model/invocationId.ts'
import type { Scope } from '../model/records.ts'
import { acceptedEvent, type InvokeServices } from './invoke.ts'
import { AlreadyTakenFault } from './journal.ts'

/** A delivery as the queue of invocations needs it. */
export interface TargetedDelivery {
  readonly id: string
  readonly scope: Scope
  /** ARN of the function, perhaps with a qualifier. */
  readonly targetArn: string
  /** JSON text. */
  readonly body: string
  readonly traceHeader: string
}

/**
 * Makes an event of a delivery to a function and ends the delivery, in one commit: exactly once, whatever dies in
 * between. Throws a UserFault where the function is not there.
 */
export async function invokeTarget(services: InvokeServices, delivery: TargetedDelivery): Promise<void> {
  const { resolver, journal, clock, random } = services
  const { id, scope, targetArn, body, traceHeader } = delivery
  const version = await resolver.resolve(scope, targetArn, null, random())
  const order = { scope, version, payload: body, clientContext: null, traceHeader }
  const nowMs = clock.now()
  await onlyOnce(
    journal.write({ ...acceptedEvent(newInvocationId(), order, 'DESTINATION', nowMs), delivered: { id, atMs: nowMs } }),
  )
}

/** Notes that a target outside has taken a delivery. */
export async function completeDelivery(services: InvokeServices, { id }: { readonly id: string }): Promise<void> {
  await onlyOnce(services.journal.write({ delivered: { id, atMs: services.clock.now() } }))
}

/** Where somebody else has made the delivery meanwhile, nothing was to be done. */
async function onlyOnce(written: Promise<void>): Promise<void> {
  try {
    await written
  } catch (error) {
    if (!(error instanceof AlreadyTakenFault)) throw error
  }
}
