import { UserFault } from '../errors.ts'
import { newInvocationId } from '../model/invocationId.ts'
import type { Scope } from '../model/records.ts'
import type { InvokeServices } from './invoke.ts'
import { clientContextText, payloadText } from './payload.ts'

/** Events that are handed over together; the GraphQL input `InvokeBatchInput`. */
export interface BatchRequest {
  readonly functionName: string
  readonly qualifier: string | null
  readonly payloads: readonly unknown[]
  readonly clientContext: unknown
  /** X-Ray trace header of the caller, which carries the chain that it is part of; or null. */
  readonly traceHeader: string | null
}

const MOST_EVENTS = 1_000
const LARGEST_BATCH_BYTES = 6 * 1024 * 1024

/**
 * Accepts events to be run: all of them, in one commit, or none. Answers with their request ids, in their order, when they
 * are durable. From then on each is an event as any other. Throws a UserFault that names the event that cannot be accepted.
 */
export async function acceptBatch(
  { resolver, journal, clock, random }: InvokeServices,
  scope: Scope,
  request: BatchRequest,
): Promise<string[]> {
  const payloads = payloadTexts(request.payloads)
  const clientContext = clientContextText(request.clientContext)
  const version = await resolver.resolve(scope, request.functionName, request.qualifier, random())
  const { functionId, functionName } = version.spec
  const events = payloads.map((payload) => ({ id: newInvocationId(), payload }))
  const { qualifier } = version
  const { traceHeader } = request
  const createdAtMs = clock.now()
  const origin = { scope, functionId, functionName, qualifier, clientContext, traceHeader, createdAtMs }
  await journal.write({ acceptedBatch: { ...origin, events } })
  return events.map(({ id }) => id)
}

function payloadTexts(payloads: readonly unknown[]): string[] {
  const field = ['input', 'payloads']
  if (payloads.length === 0 || payloads.length > MOST_EVENTS) {
    const message = `A batch has 1 to ${MOST_EVENTS} events, not ${payloads.length}. Please send several batches.`
    throw new UserFault('INVALID_PARAMETER_VALUE', message, field)
  }
  const texts = payloads.map((payload, index) => eventText(payload, [...field, String(index)]))
  const sizeBytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  if (sizeBytes <= LARGEST_BATCH_BYTES) return texts
  const message = `The events have ${sizeBytes} bytes together (limit ${LARGEST_BATCH_BYTES} bytes). Please send several batches.`
  throw new UserFault('REQUEST_TOO_LARGE', message, field)
}

function eventText(payload: unknown, field: readonly string[]): string {
  try {
    return payloadText({ payload }, 'EVENT')
  } catch (error) {
    throw error instanceof UserFault ? new UserFault(error.code, error.message, field) : error
  }
}
