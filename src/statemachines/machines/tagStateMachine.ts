import type { Pool } from 'pg'
import type { PrismaClient } from '../../db/prismaClient.ts'
import { type NamedValue, namedValues } from '../../model/configurationRules.ts'
import { TAG_COUNT } from '../../model/functionLimits.ts'
import type { Scope } from '../../model/records.ts'
import { refuseViolations } from '../../model/smithyConstraint.ts'
import { noTagsFault, tagFault, tagViolations, tooManyTagsFault } from '../../model/tagRules.ts'
import { findMachine } from './findMachine.ts'
import type { StateMachineRecord } from './machineRecords.ts'
import { changeTags } from './sql/changeTags.ts'

export interface TagStateMachineRequest {
  readonly stateMachineArn: string
  /** Labels to add or to overwrite. */
  readonly tags: readonly NamedValue[]
  /** Keys of labels to remove. */
  readonly tagKeys: readonly string[]
}

/**
 * Changes the labels of a state machine, of all its versions and aliases: they are no part of what is run, and no revision
 * changes. Throws UserFaults.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_TagResource.html
 */
export async function tagStateMachine(
  prisma: PrismaClient,
  database: Pool,
  scope: Scope,
  { stateMachineArn, tags, tagKeys }: TagStateMachineRequest,
): Promise<StateMachineRecord> {
  refuseViolations(tagViolations(tags))
  const fault = tags.length + tagKeys.length === 0 ? noTagsFault() : tagFault(tags)
  if (fault !== null) throw fault
  const { machine } = await findMachine(prisma, scope, stateMachineArn)
  const added = JSON.stringify(namedValues(tags))
  const { rowCount } = await database.query({ ...changeTags, values: [machine.id, added, tagKeys, TAG_COUNT] })
  const changed = await findMachine(prisma, scope, stateMachineArn)
  if (rowCount === 0) throw tooManyTagsFault()
  return changed.machine
}
