import { randomUUID } from 'node:crypto'
import { Prisma } from '../../db/generated/client.ts'
import type { PrismaClient } from '../../db/prismaClient.ts'
import { UserFault } from '../../errors.ts'
import type { Clock } from '../../model/clock.ts'
import { type NamedValue, namedValues } from '../../model/configurationRules.ts'
import type { Scope } from '../../model/records.ts'
import { refuseViolations } from '../../model/smithyConstraint.ts'
import { tagCountFault, tagFault, tagViolations } from '../../model/tagRules.ts'
import { createStateMachineError } from '../definition/createStateMachineError.ts'
import { validateDefinition } from '../definition/validateDefinition.ts'
import { stateMachineArn } from '../stateMachineArn.ts'
import { checkName } from '../stateMachineRules.ts'
import type { LoggingLevel, StateMachineRecord, StateMachineType } from './machineRecords.ts'
import { machineOfRow } from './machineRows.ts'

export interface CreateStateMachineRequest {
  readonly name: string
  /** JSON text. */
  readonly definition: string
  readonly type: StateMachineType
  /** Null: the account's own role. */
  readonly roleArn: string | null
  readonly loggingLevel: LoggingLevel
  readonly includeExecutionData: boolean
  readonly tags: readonly NamedValue[]
}

/**
 * Creates a state machine. Creating the same one a second time gives the first. Throws UserFaults in AWS's words.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
 */
export async function createStateMachine(
  prisma: PrismaClient,
  clock: Clock,
  scope: Scope,
  request: CreateStateMachineRequest,
): Promise<StateMachineRecord> {
  const { accountId, region } = scope
  const { name, type, definition, loggingLevel, includeExecutionData } = request
  const tags = namedValues(request.tags)
  checkName(name)
  refuseViolations(tagViolations(request.tags))
  const fault = tagFault(request.tags) ?? tagCountFault(tags)
  if (fault !== null) throw fault
  refuseInvalid(definition, type)
  const roleArn = request.roleArn ?? defaultRoleArn(scope)
  const now = new Date(clock.now())
  try {
    const row = await prisma.stateMachine.create({
      data: {
        id: randomUUID(),
        accountId,
        region,
        name,
        type,
        definition,
        roleArn,
        revisionId: randomUUID(),
        loggingLevel,
        includeExecutionData,
        tags,
        createdAt: now,
        updatedAt: now,
      },
    })
    return machineOfRow(row)
  } catch (error) {
    if (!(error instanceof Prisma.PrismaClientKnownRequestError) || error.code !== 'P2002') throw error
  }
  const row = await prisma.stateMachine.findUnique({ where: { accountId_region_name: { accountId, region, name } } })
  if (row !== null && row.definition === definition && row.type === type && row.roleArn === roleArn) {
    return machineOfRow(row)
  }
  const arn = stateMachineArn(scope, name)
  throw new UserFault('STATE_MACHINE_ALREADY_EXISTS', `State Machine Already Exists: '${arn}'`, ['input', 'name'])
}

/** Roles are kept and shown, and decide nothing here. */
function defaultRoleArn({ accountId }: Scope): string {
  return `arn:aws:iam::${accountId}:role/service-role/StepFunctions`
}

/** Throws where a definition has errors, with all of them. */
export function refuseInvalid(definition: string, type: StateMachineType): void {
  const error = createStateMachineError(validateDefinition(definition, { type }).diagnostics)
  if (error !== null) throw new UserFault('INVALID_DEFINITION', error.message, ['input', 'definition'])
}
