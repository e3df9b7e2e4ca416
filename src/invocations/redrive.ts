import type { Pool } from 'pg'
import { UserFault } from '../errors.ts'
import { newInvocationId } from '../model/invocationId.ts'
import type { Scope } from '../model/records.ts'
import { acceptedEvent, type InvokeServices } from './invoke.ts'
import { AlreadyTakenFault } from './journal.ts'
import { type DeadLetterRow, selectDeadLetters } from './sql/selectDeadLetters.ts'

/** Which dead letters. */
export interface DeadLetterRequest {
  readonly functionName: string
  /** Null: the oldest ones. */
  readonly requestIds: readonly string[] | null
  /** At most so many. */
  readonly maximum: number
}

/** Of how many dead letters one request can be. */
export const LARGEST_REDRIVE = 100

/**
 * Sends dead letters again, oldest first, each as a new event with the qualifier it had and a chain of its own, and
 * takes it off the list in the same commit: nobody else sends it again. Returns the request ids of the new events.
 * Dead letters that are gone are passed over. Throws a UserFault where the function, version or alias is gone.
 */
export async function redriveInvocations(
  services: InvokeServices,
  database: Pool,
  scope: Scope,
  request: DeadLetterRequest,
): Promise<string[]> {
  const { resolver, journal, clock, random } = services
  const letters = await findDeadLetters(services, database, scope, request)
  const sent = await Promise.all(
    letters.map(async ({ id, qualifier, payload, client_context: clientContext }) => {
      const version = await resolver.resolve(scope, request.functionName, qualifier, random())
      const newId = newInvocationId()
      const order = { scope, version, payload, clientContext, traceHeader: null }
      const entry = acceptedEvent(newId, order, 'REDRIVE', clock.now())
      return isWritten(
        journal.write({
          ...entry,
          newInvocation: { ...entry.newInvocation, redriveOf: id },
          takenDeadLetter: { invocationId: id, redrivenAs: newId },
        }),
        newId,
      )
    }),
  )
  return sent.filter((id) => id !== null)
}

/** Takes dead letters off the list without sending them again. Returns their request ids. */
export async function discardDeadLetters(
  services: InvokeServices,
  database: Pool,
  scope: Scope,
  request: DeadLetterRequest,
): Promise<string[]> {
  const letters = await findDeadLetters(services, database, scope, request)
  const discarded = await Promise.all(
    letters.map(({ id }) =>
      isWritten(services.journal.write({ takenDeadLetter: { invocationId: id, redrivenAs: null } }), id),
    ),
  )
  return discarded.filter((id) => id !== null)
}

async function findDeadLetters(
  { resolver, random }: InvokeServices,
  database: Pool,
  scope: Scope,
  { functionName, requestIds, maximum }: DeadLetterRequest,
): Promise<readonly DeadLetterRow[]> {
  if (maximum < 1 || maximum > LARGEST_REDRIVE || (requestIds?.length ?? 0) > LARGEST_REDRIVE) {
    const message = `A request is of 1 to ${LARGEST_REDRIVE} dead letters. Please go on with another request.`
    throw new UserFault('INVALID_PARAMETER_VALUE', message, ['input'])
  }
  const { spec } = await resolver.resolve(scope, functionName, null, random())
  const ids = requestIds?.filter((id) => UUID.test(id)) ?? null
  const { rows } = await database.query<DeadLetterRow>({
    ...selectDeadLetters,
    values: [spec.functionId, ids, maximum],
  })
  return rows
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

async function isWritten(written: Promise<void>, id: string): Promise<string | null> {
  try {
    await written
    return id
  } catch (error) {
    if (error instanceof AlreadyTakenFault) return null
    throw error
  }
}
