import { qualifierTarget } from '../model/functionReference.ts'
import type { LockedFunction } from './lockedFunction.ts'

/** The numbers of the versions behind an alias's name, a version's number or `$LATEST` (0); null where it is not there. */
export async function versionNumbersBehind(
  { transaction, record }: LockedFunction,
  qualifier: string,
): Promise<readonly number[] | null> {
  const target = qualifierTarget(qualifier)
  const functionId = record.id
  if (target.kind === 'ALIAS') {
    const alias = await transaction.alias.findUnique({ where: { functionId_name: { functionId, name: target.name } } })
    return alias && pointedNumbers(alias)
  }
  const count = await transaction.functionVersion.count({ where: { functionId, number: target.number } })
  return count === 0 ? null : [target.number]
}

/** The numbers of the versions that an alias points to: one or two. */
export function pointedNumbers(alias: {
  readonly versionNumber: number
  readonly additionalNumber: number | null
}): readonly number[] {
  const { versionNumber, additionalNumber } = alias
  return additionalNumber === null ? [versionNumber] : [versionNumber, additionalNumber]
}
