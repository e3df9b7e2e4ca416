import { randomUUID } from 'node:crypto'
import type { PrismaClient } from '../../db/prismaClient.ts'
import { UserFault } from '../../errors.ts'
import type { Clock } from '../../model/clock.ts'
import type { Scope } from '../../model/records.ts'
import { refuseInvalid } from './createStateMachine.ts'
import { findMachine } from './findMachine.ts'
import type { LoggingLevel, StateMachineRecord } from './machineRecords.ts'
import { machineOfRow } from './machineRows.ts'

export interface UpdateStateMachineRequest {
  readonly stateMachineArn: string
  /** What is null stays as it is. */
  readonly definition: string | null
  readonly roleArn: string | null
  readonly loggingLevel: LoggingLevel | null
  readonly includeExecutionData: boolean | null
}

/**
 * Changes a state machine. Executions that run go on by the definition that they began with. Throws UserFaults.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateStateMachine.html
 */
export async function updateStateMachine(
  prisma: PrismaClient,
  clock: Clock,
  scope: Scope,
  request: UpdateStateMachineRequest,
): Promise<StateMachineRecord> {
  const { machine } = await findMachine(prisma, scope, request.stateMachineArn)
  const { definition, roleArn, loggingLevel, includeExecutionData } = request
  if (definition === null && roleArn === null && loggingLevel === null && includeExecutionData === null) {
    const message = 'Either the definition, the role ARN, or the logging configuration must be specified'
    throw new UserFault('VALIDATION', message, ['input'])
  }
  if (definition !== null) refuseInvalid(definition, machine.type)
  const row = await prisma.stateMachine.update({
    where: { id: machine.id },
    data: {
      ...(definition === null ? {} : { definition }),
      ...(roleArn === null ? {} : { roleArn }),
      ...(loggingLevel === null ? {} : { loggingLevel }),
      ...(includeExecutionData === null ? {} : { includeExecutionData }),
      revisionId: randomUUID(),
      updatedAt: new Date(clock.now()),
    },
  })
  return machineOfRow(row)
}
