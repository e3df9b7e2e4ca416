import type { PrismaClient } from '../../db/prismaClient.ts'
import type { Scope } from '../../model/records.ts'
import { parseStateMachineArn } from '../stateMachineArn.ts'
import { invalidArn, noSuchMachine } from '../stateMachineRules.ts'
import type { StateMachineRecord } from './machineRecords.ts'
import { aliasOfRow, machineOfRow } from './machineRows.ts'

/** The state machine that an ARN names, whatever its qualifier. Throws where there is none in the scope. */
export async function findMachine(
  prisma: Pick<PrismaClient, 'stateMachine'>,
  scope: Scope,
  arn: string,
): Promise<{ machine: StateMachineRecord; qualifier: string | null }> {
  const reference = parseStateMachineArn(arn, scope)
  if (reference === null) throw /^arn:.*:stateMachine:/.test(arn) ? noSuchMachine(arn) : invalidArn(arn)
  const { accountId, region } = scope
  const { name, qualifier } = reference
  const row = await prisma.stateMachine.findUnique({
    where: { accountId_region_name: { accountId, region, name } },
  })
  if (row === null) throw noSuchMachine(arn)
  return { machine: machineOfRow(row), qualifier }
}

/** What an execution is begun with. */
export interface ResolvedMachine {
  readonly machine: StateMachineRecord
  readonly definition: string
  readonly roleArn: string
  readonly versionNumber: number | null
  readonly aliasName: string | null
}

/** The machine, version, or, of an alias, one of its versions by `random` in [0, 1). Throws where there is none. */
export async function resolveMachine(
  prisma: PrismaClient,
  scope: Scope,
  arn: string,
  random: number,
): Promise<ResolvedMachine> {
  const { machine, qualifier } = await findMachine(prisma, scope, arn)
  if (qualifier === null) {
    const { definition, roleArn } = machine
    return { machine, definition, roleArn, versionNumber: null, aliasName: null }
  }
  const { id: stateMachineId } = machine
  const isVersion = /^\d+$/.test(qualifier)
  let number = Number(qualifier)
  if (!isVersion) {
    const alias = await prisma.stateMachineAlias.findUnique({
      where: { stateMachineId_name: { stateMachineId, name: qualifier } },
    })
    if (alias === null) throw noSuchMachine(arn)
    number = chooseRoute(aliasOfRow(machine, alias).routing, random)
  }
  const version = await prisma.stateMachineVersion.findUnique({
    where: { stateMachineId_number: { stateMachineId, number } },
  })
  if (version === null) throw noSuchMachine(arn)
  const { definition, roleArn } = version
  return { machine, definition, roleArn, versionNumber: number, aliasName: isVersion ? null : qualifier }
}

/** One of the versions of an alias, by weight; `random` in [0, 1). */
export function chooseRoute(routing: readonly { versionNumber: number; weight: number }[], random: number): number {
  let left = random * 100
  for (const { versionNumber, weight } of routing) {
    if (left < weight) return versionNumber
    left -= weight
  }
  return routing.at(-1)!.versionNumber
}
