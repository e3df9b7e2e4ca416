import { createHash } from 'node:crypto'
import type { Pool } from 'pg'
import { PlatformFault, UserFault } from '../errors.ts'
import { newInvocationId } from '../model/invocationId.ts'
import { isStorableText } from '../model/textRules.ts'
import { acceptedEvent, type InvokeAnswer, type InvokeRequest, type InvokeServices, type Order, run } from './invoke.ts'
import { KeyTakenFault } from './journal.ts'
import type { NewInvocationKey } from './journalEntry.ts'
import { type KeyRow, selectKey } from './sql/selectKey.ts'

/** An invocation with a name of its caller's own. */
export interface KeyedOrder extends Order {
  readonly key: string
  readonly request: InvokeRequest
}

const LONGEST_KEY = 128
/** A key that is given back between two looks is taken anew; more often than this something else is wrong. */
const LARGEST_TRIES = 5

/** Throws a UserFault for a key of nothing, of more than 128 characters, or for a dry run, which has nothing to repeat. */
export function refuseMalformedKey(key: string, type: InvokeRequest['type']): void {
  const field = ['input', 'idempotencyKey']
  if (type === 'DRY_RUN') {
    throw new UserFault('INVALID_PARAMETER_VALUE', 'A dry run takes no idempotency key: it runs nothing.', field)
  }
  if (key.length > 0 && key.length <= LONGEST_KEY && isStorableText(key)) return
  throw new UserFault('INVALID_PARAMETER_VALUE', `An idempotency key has 1 to ${LONGEST_KEY} characters.`, field)
}

/**
 * Invokes a function unless that was done before under the same key, and answers as the first time. The key is taken
 * before anything runs: of requests at the same time one runs, the others are a RESOURCE_CONFLICT until it has ended, or
 * answer with its result. Where the run came to nothing (a throttle, the platform's fault, the death of its node), the key
 * is free again. The same key with another input is an INVALID_PARAMETER_VALUE.
 */
export async function invokeOnce(services: InvokeServices, database: Pool, order: KeyedOrder): Promise<InvokeAnswer> {
  const { journal, clock } = services
  const { key, request, version } = order
  const { functionId } = version.spec
  for (let tries = 1; tries <= LARGEST_TRIES; tries += 1) {
    const invocationId = newInvocationId()
    const isEvent = request.type === 'EVENT'
    const taken: NewInvocationKey = {
      functionId,
      key,
      inputSha256: inputHash(order),
      invocationId,
      nodeId: isEvent ? null : services.nodeId,
      createdAtMs: clock.now(),
    }
    try {
      if (isEvent) {
        await journal.write({ ...acceptedEvent(invocationId, order, 'API', clock.now()), key: taken })
        return { kind: 'ACCEPTED', requestId: invocationId, isRepeated: false }
      }
      await journal.write({ key: taken })
    } catch (error) {
      if (!(error instanceof KeyTakenFault)) throw error
      const answer = await firstAnswer(services, database, order)
      if (answer !== null) return answer
      continue
    }
    return runWithKey(services, order, taken)
  }
  throw new PlatformFault(`the idempotency key of function ${functionId} changed hands ${LARGEST_TRIES} times`)
}

async function runWithKey(services: InvokeServices, order: KeyedOrder, taken: NewInvocationKey): Promise<InvokeAnswer> {
  const { request } = order
  try {
    return await run(services, order, request, { requestId: taken.invocationId, isResultKept: true })
  } catch (error) {
    const { functionId, key, invocationId } = taken
    await services.journal.write({ releasedKey: { functionId, key, invocationId } })
    throw error
  }
}

/** What the first invocation under a key came to; null where there is none any more, so that the key can be taken. */
async function firstAnswer(services: InvokeServices, database: Pool, order: KeyedOrder): Promise<InvokeAnswer | null> {
  const { key, version } = order
  const { functionId } = version.spec
  const { rows } = await database.query<KeyRow>({ ...selectKey, values: [functionId, key] })
  const [first] = rows
  if (first === undefined) return null
  const field = ['input', 'idempotencyKey']
  if (first.inputSha256 !== inputHash(order)) {
    const message = `The idempotency key was used for invocation ${first.invocationId} with another input. Please use another key.`
    throw new UserFault('INVALID_PARAMETER_VALUE', message, field)
  }
  const { invocationId } = first
  if (first.isRecorded) return recordedAnswer(first)
  if (first.isRunning) {
    const message = `Invocation ${invocationId} has this idempotency key and still runs. Please ask again when it has ended.`
    throw new UserFault('RESOURCE_CONFLICT', message, field)
  }
  await services.journal.write({ releasedKey: { functionId, key, invocationId } })
  return null
}

function recordedAnswer({ type, invocationId, executedVersion, functionError, result }: KeyRow): InvokeAnswer {
  if (type === 'EVENT') return { kind: 'ACCEPTED', requestId: invocationId, isRepeated: true }
  return {
    kind: 'RAN',
    requestId: invocationId,
    versionNumber: executedVersion!,
    functionError,
    payload: result!,
    logTail: null,
    isRepeated: true,
  }
}

function inputHash({ request, payload, clientContext }: KeyedOrder): string {
  const input = JSON.stringify([request.type, request.qualifier, payload, clientContext])
  return createHash('sha256').update(input).digest('hex')
}
