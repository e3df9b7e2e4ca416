import { reservationFault } from '../model/concurrencyRules.ts'
import { parseUnqualifiedReference, referenceViolations } from '../model/functionReference.ts'
import type { FunctionRecord, Scope } from '../model/records.ts'
import { mustBeAtLeast, refuseViolations } from '../model/smithyConstraint.ts'
import { lockedClaims } from './concurrencyClaims.ts'
import { functionNotFound } from './functionFaults.ts'
import type { FunctionRoom } from './functionRoom.ts'
import { type LockedFunction, readBack, withLockedFunction } from './lockedFunction.ts'
import { provisionedOf } from './provisionedConfigs.ts'
import type { DeleteFunctionConcurrencyRequest, PutFunctionConcurrencyRequest } from './requests.ts'

/** See `FunctionServices.putFunctionConcurrency`. Reservations are no part of the configuration: no revision changes. */
export async function putFunctionConcurrency(
  room: FunctionRoom,
  scope: Scope,
  request: PutFunctionConcurrencyRequest,
): Promise<FunctionRecord> {
  const { functionName, reservedConcurrentExecutions: wanted } = request
  const violations = referenceViolations(functionName, null, 'FunctionName')
  if (wanted < 0) {
    const field = ['input', 'reservedConcurrentExecutions']
    violations.push({
      member: 'reservedConcurrentExecutions',
      value: String(wanted),
      constraint: mustBeAtLeast(0),
      field,
    })
  }
  refuseViolations(violations)
  return changeReservation(room, scope, functionName, wanted, async (locked) => {
    const fault = reservationFault(wanted, await provisionedOf(locked), await lockedClaims(locked))
    if (fault !== null) throw fault
  })
}

/** See `FunctionServices.deleteFunctionConcurrency`. */
export async function deleteFunctionConcurrency(
  room: FunctionRoom,
  scope: Scope,
  request: DeleteFunctionConcurrencyRequest,
): Promise<FunctionRecord> {
  refuseViolations(referenceViolations(request.functionName, null, 'FunctionName'))
  return changeReservation(room, scope, request.functionName, null, async () => undefined)
}

async function changeReservation(
  room: FunctionRoom,
  scope: Scope,
  reference: string,
  reservedConcurrency: number | null,
  check: (locked: LockedFunction) => Promise<void>,
): Promise<FunctionRecord> {
  const name = parseUnqualifiedReference(scope, reference)
  const changed = await withLockedFunction(room.prisma, scope, name, async (locked) => {
    await check(locked)
    await locked.transaction.function.update({ where: { id: locked.record.id }, data: { reservedConcurrency } })
    return readBack(locked)
  })
  // With the qualifier, as AWS names it here (recorded fact 108).
  if (changed === null) throw functionNotFound(scope, name, '$LATEST')
  await room.onConcurrencyChanged(scope)
  return changed
}
