import type { PrismaClient } from '../../db/prismaClient.ts'
import { UserFault } from '../../errors.ts'
import type { Clock } from '../../model/clock.ts'
import type { Page, PageRequest, Scope } from '../../model/records.ts'
import { parseStateMachineArn, stateMachineArn } from '../stateMachineArn.ts'
import { checkName, invalidArn } from '../stateMachineRules.ts'
import { findMachine } from './findMachine.ts'
import type { StateMachineAliasRecord, StateMachineRecord } from './machineRecords.ts'
import { aliasOfRow } from './machineRows.ts'

/** A version by its ARN, and the percent of the executions that it is to take. */
export interface RouteRequest {
  readonly stateMachineVersionArn: string
  readonly weight: number
}

/**
 * Creates or changes an alias; a null description or routing stays as it is.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachineAlias.html
 */
export async function createStateMachineAlias(
  prisma: PrismaClient,
  clock: Clock,
  scope: Scope,
  name: string,
  description: string,
  routes: readonly RouteRequest[],
): Promise<StateMachineAliasRecord> {
  checkName(name)
  if (/^\d+$/.test(name)) throw new UserFault('INVALID_NAME', `Invalid Name: '${name}'`, ['input', 'name'])
  const { machine, routing } = await checkedRouting(prisma, scope, routes)
  const now = new Date(clock.now())
  const where = { stateMachineId_name: { stateMachineId: machine.id, name } }
  const existing = await prisma.stateMachineAlias.findUnique({ where })
  if (existing !== null) {
    const isSame =
      existing.description === description &&
      existing.versionNumber === routing.versionNumber &&
      existing.additionalNumber === routing.additionalNumber &&
      existing.additionalWeight === routing.additionalWeight
    if (isSame) return aliasOfRow(machine, existing)
    const message = `Failed to create alias because an alias with the same name and a different routing configuration already exists.`
    throw new UserFault('RESOURCE_CONFLICT', message, ['input', 'name'])
  }
  const row = await prisma.stateMachineAlias.create({
    data: { stateMachineId: machine.id, name, description, ...routing, createdAt: now, updatedAt: now },
  })
  return aliasOfRow(machine, row)
}

export async function updateStateMachineAlias(
  prisma: PrismaClient,
  clock: Clock,
  scope: Scope,
  arn: string,
  description: string | null,
  routes: readonly RouteRequest[] | null,
): Promise<StateMachineAliasRecord> {
  const { machine, row } = await findAlias(prisma, scope, arn)
  const checked = routes === null ? null : await checkedRouting(prisma, scope, routes)
  if (checked !== null && checked.machine.id !== machine.id) throw differentMachines()
  const changed = await prisma.stateMachineAlias.update({
    where: { stateMachineId_name: { stateMachineId: machine.id, name: row.name } },
    data: {
      ...(description === null ? {} : { description }),
      ...(checked === null ? {} : checked.routing),
      updatedAt: new Date(clock.now()),
    },
  })
  return aliasOfRow(machine, changed)
}

export async function deleteStateMachineAlias(prisma: PrismaClient, scope: Scope, arn: string): Promise<void> {
  const { machine, row } = await findAlias(prisma, scope, arn)
  await prisma.stateMachineAlias.deleteMany({ where: { stateMachineId: machine.id, name: row.name } })
}

/** Aliases in the order of their names. */
export async function stateMachineAliases(
  prisma: PrismaClient,
  machine: StateMachineRecord,
  { first, after }: PageRequest<string>,
): Promise<Page<StateMachineAliasRecord>> {
  const rows = await prisma.stateMachineAlias.findMany({
    where: { stateMachineId: machine.id, ...(after === null ? {} : { name: { gt: after } }) },
    orderBy: { name: 'asc' },
    take: first + 1,
  })
  return { items: rows.slice(0, first).map((row) => aliasOfRow(machine, row)), hasNextPage: rows.length > first }
}

async function findAlias(prisma: PrismaClient, scope: Scope, arn: string) {
  const { machine, qualifier } = await findMachine(prisma, scope, arn)
  const row = await prisma.stateMachineAlias.findUnique({
    where: { stateMachineId_name: { stateMachineId: machine.id, name: qualifier ?? '' } },
  })
  if (row === null) throw new UserFault('RESOURCE_NOT_FOUND', `Resource not found: '${arn}'`)
  return { machine, row }
}

async function checkedRouting(prisma: PrismaClient, scope: Scope, routes: readonly RouteRequest[]) {
  const [one, two, ...more] = routes
  if (one === undefined || more.length > 0) throw invalidRouting('must have one or two versions')
  const weights = routes.reduce((sum, { weight }) => sum + weight, 0)
  if (weights !== 100 || routes.some(({ weight }) => weight < 0 || weight > 100)) {
    throw invalidRouting('Sum of routing configuration weights must equal 100')
  }
  const { machine } = await findMachine(prisma, scope, one.stateMachineVersionArn)
  const numbers: number[] = []
  for (const { stateMachineVersionArn: arn } of routes) {
    const reference = parseStateMachineArn(arn, scope)
    if (reference === null) throw invalidArn(arn)
    if (reference.name !== machine.name) throw differentMachines()
    const number = Number(reference.qualifier ?? Number.NaN)
    const where = { stateMachineId_number: { stateMachineId: machine.id, number } }
    const isThere =
      Number.isInteger(number) && (await prisma.stateMachineVersion.count({ where: where.stateMachineId_number })) > 0
    if (!isThere) {
      const shown = stateMachineArn(scope, machine.name, reference.qualifier)
      throw new UserFault(
        'RESOURCE_NOT_FOUND',
        `Routing configuration must contain state machine version ARNs that exist. There is no ${shown}`,
      )
    }
    numbers.push(number)
  }
  if (two !== undefined && numbers[0] === numbers[1]) throw invalidRouting('must have unique version ARNs')
  return {
    machine,
    routing: {
      versionNumber: numbers[0]!,
      additionalNumber: two === undefined ? null : numbers[1]!,
      additionalWeight: two === undefined ? null : two.weight,
    },
  }
}

function invalidRouting(reason: string): UserFault {
  const field = ['input', 'routingConfiguration']
  return new UserFault('VALIDATION', `Invalid routing configuration: ${reason}`, field)
}

function differentMachines(): UserFault {
  return invalidRouting('all versions must be of the same state machine')
}
