import type { PrismaClient } from '../../db/prismaClient.ts'
import { UserFault } from '../../errors.ts'
import type { Clock } from '../../model/clock.ts'
import type { Page, PageRequest, Scope } from '../../model/records.ts'
import { noSuchMachine } from '../stateMachineRules.ts'
import { findMachine } from './findMachine.ts'
import type { StateMachineRecord, StateMachineVersionRecord } from './machineRecords.ts'
import { machineOfRow, versionOfRow } from './machineRows.ts'

/**
 * Publishes a state machine as it is. Publishing the same revision a second time gives the version that is there.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_PublishStateMachineVersion.html
 */
export async function publishStateMachineVersion(
  prisma: PrismaClient,
  clock: Clock,
  scope: Scope,
  arn: string,
  description: string,
  expectedRevisionId: string | null,
): Promise<StateMachineVersionRecord> {
  const { machine: found } = await findMachine(prisma, scope, arn)
  return prisma.$transaction(async (transaction) => {
    // One at a time: numbers are given in their order and never twice.
    await transaction.$queryRaw`SELECT id FROM state_machine WHERE id = ${found.id}::uuid FOR UPDATE`
    const row = await transaction.stateMachine.findUnique({ where: { id: found.id } })
    if (row === null) throw noSuchMachine(arn)
    const machine = machineOfRow(row)
    if (expectedRevisionId !== null && expectedRevisionId !== row.revisionId) {
      throw new UserFault('PRECONDITION_FAILED', 'The revision id that was given is not the latest one.', [
        'input',
        'revisionId',
      ])
    }
    const last = await transaction.stateMachineVersion.findFirst({
      where: { stateMachineId: row.id },
      orderBy: { number: 'desc' },
    })
    if (last !== null && last.revisionId === row.revisionId) return versionOfRow(machine, last)
    const number = row.lastVersionNumber + 1
    await transaction.stateMachine.update({ where: { id: row.id }, data: { lastVersionNumber: number } })
    const version = await transaction.stateMachineVersion.create({
      data: {
        stateMachineId: row.id,
        number,
        definition: row.definition,
        roleArn: row.roleArn,
        revisionId: row.revisionId,
        description,
        createdAt: new Date(clock.now()),
      },
    })
    return versionOfRow(machine, version)
  })
}

/** Deletes a version. One that an alias points at stays. */
export async function deleteStateMachineVersion(prisma: PrismaClient, scope: Scope, arn: string): Promise<void> {
  const { machine, qualifier } = await findMachine(prisma, scope, arn)
  const number = Number(qualifier)
  if (qualifier === null || !Number.isInteger(number)) throw noSuchMachine(arn)
  const alias = await prisma.stateMachineAlias.findFirst({
    where: { stateMachineId: machine.id, OR: [{ versionNumber: number }, { additionalNumber: number }] },
  })
  if (alias !== null) {
    const message = `Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [${alias.name}]`
    throw new UserFault('RESOURCE_CONFLICT', message)
  }
  await prisma.stateMachineVersion.deleteMany({ where: { stateMachineId: machine.id, number } })
}

/** Versions, the latest first. */
export async function stateMachineVersions(
  prisma: PrismaClient,
  machine: StateMachineRecord,
  { first, after }: PageRequest<number>,
): Promise<Page<StateMachineVersionRecord>> {
  const rows = await prisma.stateMachineVersion.findMany({
    where: { stateMachineId: machine.id, ...(after === null ? {} : { number: { lt: after } }) },
    orderBy: { number: 'desc' },
    take: first + 1,
  })
  return { items: rows.slice(0, first).map((row) => versionOfRow(machine, row)), hasNextPage: rows.length > first }
}
