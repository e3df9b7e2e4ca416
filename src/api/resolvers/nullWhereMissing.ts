import { UserFault } from '../../errors.ts'

const MISSING: ReadonlySet<string> = new Set([
  'STATE_MACHINE_DOES_NOT_EXIST',
  'EXECUTION_DOES_NOT_EXIST',
  'ACTIVITY_DOES_NOT_EXIST',
  'RESOURCE_NOT_FOUND',
])

/** Reads answer null where there is no such object, as if it had never been; other faults of the caller pass. */
export async function nullWhereMissing<Found>(reading: Promise<Found>): Promise<Found | null> {
  try {
    return await reading
  } catch (fault) {
    if (fault instanceof UserFault && MISSING.has(fault.code)) return null
    throw fault
  }
}
