import type { PrismaClient } from '../../db/prismaClient.ts'
import type { Scope } from '../../model/records.ts'
import { parseStateMachineArn, type StateMachineReference } from '../stateMachineArn.ts'
import { invalidArn, noSuchMachine } from '../stateMachineRules.ts'
import type { StateMachineRecord } from './machineRecords.ts'
import { machineOfRow } from './machineRows.ts'

/** The state machine that an ARN names, whatever its qualifier. Throws where there is none in the scope. */
export async function findMachine(
  prisma: Pick<PrismaClient, 'stateMachine'>,
  scope: Scope,
  arn: string,
): Promise<{ machine: StateMachineRecord; qualifier: string | null }> {
  const { accountId, region } = scope
  const { name, qualifier } = referenceOf(scope, arn)
  const row = await prisma.stateMachine.findUnique({
    where: { accountId_region_name: { accountId, region, name } },
  })
  if (row === null) throw noSuchMachine(arn)
  return { machine: machineOfRow(row), qualifier }
}

/** What an ARN or a name says. Throws where it can be none of the scope. */
export function referenceOf(scope: Scope, arn: string): StateMachineReference {
  const reference = parseStateMachineArn(arn, scope)
  if (reference === null) throw /^arn:.*:stateMachine:/.test(arn) ? noSuchMachine(arn) : invalidArn(arn)
  return reference
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
