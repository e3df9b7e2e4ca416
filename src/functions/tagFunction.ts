import { namedValues } from '../model/configurationRules.ts'
import { parseUnqualifiedReference, referenceViolations, TAGS_ON_FUNCTIONS_ONLY } from '../model/functionReference.ts'
import type { FunctionRecord, Scope } from '../model/records.ts'
import { MUST_NOT_BE_NULL, refuseViolations } from '../model/smithyConstraint.ts'
import { noTagsFault, tagCountFault, tagFault, tagViolations } from '../model/tagRules.ts'
import { functionNotFound } from './functionFaults.ts'
import type { FunctionRoom } from './functionRoom.ts'
import { readBack, withLockedFunction } from './lockedFunction.ts'
import type { TagFunctionRequest, UntagFunctionRequest } from './requests.ts'

type Tags = Readonly<Record<string, string>>

/** See `FunctionServices.tagFunction`. Labels are no part of the configuration: no revision changes. */
export async function tagFunction(
  room: FunctionRoom,
  scope: Scope,
  request: TagFunctionRequest,
): Promise<FunctionRecord> {
  refuseViolations([...referenceViolations(request.functionName, null, 'FunctionName'), ...tagViolations(request.tags)])
  const name = parseUnqualifiedReference(scope, request.functionName, TAGS_ON_FUNCTIONS_ONLY)
  const fault = request.tags.length === 0 ? noTagsFault() : tagFault(request.tags)
  if (fault !== null) throw fault
  return changeTags(room, scope, name, (present) => {
    const tags = { ...present, ...namedValues(request.tags) }
    const tooMany = tagCountFault(tags)
    if (tooMany !== null) throw tooMany
    return tags
  })
}

/** See `FunctionServices.untagFunction`. */
export async function untagFunction(
  room: FunctionRoom,
  scope: Scope,
  request: UntagFunctionRequest,
): Promise<FunctionRecord> {
  const violations = referenceViolations(request.functionName, null, 'FunctionName')
  if (request.tagKeys.length === 0) {
    const field = ['input', 'tagKeys']
    violations.push({ member: 'tagKeys', value: null, constraint: MUST_NOT_BE_NULL, field })
  }
  refuseViolations(violations)
  const name = parseUnqualifiedReference(scope, request.functionName, TAGS_ON_FUNCTIONS_ONLY)
  const removed = new Set(request.tagKeys)
  return changeTags(room, scope, name, (present) =>
    Object.fromEntries(Object.entries(present).filter(([key]) => !removed.has(key))),
  )
}

async function changeTags(
  room: FunctionRoom,
  scope: Scope,
  name: string,
  change: (present: Tags) => Record<string, string>,
): Promise<FunctionRecord> {
  const changed = await withLockedFunction(room.prisma, scope, name, async (locked) => {
    const tags = change(locked.record.tags)
    await locked.transaction.function.update({ where: { id: locked.record.id }, data: { tags } })
    return readBack(locked)
  })
  if (changed === null) throw functionNotFound(scope, name)
  return changed
}
