import type { PrismaClient } from '../../db/prismaClient.ts'
import type { Page, PageRequest, Scope } from '../../model/records.ts'
import { findMachine } from './findMachine.ts'
import type { StateMachineRecord } from './machineRecords.ts'
import type { MachineResolver } from './machineResolver.ts'
import { machineOfRow } from './machineRows.ts'

/** A machine by its ARN or name, as a version or an alias has it where the ARN names one. Throws where there is none. */
export async function describeStateMachine(
  machines: MachineResolver,
  scope: Scope,
  arn: string,
): Promise<StateMachineRecord> {
  const { machine, definition, roleArn } = await machines.resolve(scope, arn, 0)
  return { ...machine, definition, roleArn }
}

/** Machines of the scope in the order of their names. */
export async function stateMachines(
  prisma: PrismaClient,
  { accountId, region }: Scope,
  { first, after }: PageRequest<string>,
): Promise<Page<StateMachineRecord>> {
  const rows = await prisma.stateMachine.findMany({
    where: { accountId, region, ...(after === null ? {} : { name: { gt: after } }) },
    orderBy: { name: 'asc' },
    take: first + 1,
  })
  return { items: rows.slice(0, first).map(machineOfRow), hasNextPage: rows.length > first }
}

/**
 * Deletes a machine with its versions and aliases. Executions that run go on to their end; what was is kept.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachine.html
 */
export async function deleteStateMachine(prisma: PrismaClient, scope: Scope, arn: string): Promise<void> {
  const { machine } = await findMachine(prisma, scope, arn)
  await prisma.stateMachine.deleteMany({ where: { id: machine.id } })
}
