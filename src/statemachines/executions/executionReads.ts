import type { Execution } from '../../db/generated/client.ts'
import type { PrismaClient } from '../../db/prismaClient.ts'
import type { Page, PageRequest, Scope } from '../../model/records.ts'
import type { StateMachineType } from '../machines/machineRecords.ts'
import type { ChildFacts } from '../runner/executionFacts.ts'
import { arnOfExecution } from '../runner/executionFacts.ts'
import { parseExecutionArn, stateMachineArn } from '../stateMachineArn.ts'
import { invalidArn, noSuchExecution } from '../stateMachineRules.ts'
import type { ExecutionRecord, ExecutionStatus } from './executionRecords.ts'

const FIELDS = {
  id: true,
  accountId: true,
  region: true,
  stateMachineId: true,
  stateMachineName: true,
  machineType: true,
  versionNumber: true,
  aliasName: true,
  name: true,
  roleArn: true,
  status: true,
  input: true,
  output: true,
  error: true,
  cause: true,
  startedAt: true,
  stoppedAt: true,
  redriveCount: true,
  redrivenAt: true,
  transitions: true,
  definitionSha256: true,
  child: true,
} as const
type Row = Pick<Execution, keyof typeof FIELDS>

/** An execution by its ARN. Throws a UserFault where there is none in the scope. */
export async function findExecution(prisma: PrismaClient, scope: Scope, arn: string): Promise<ExecutionRecord> {
  const reference = parseExecutionArn(arn, scope)
  if (reference === null) throw /:(execution|express):/.test(arn) ? noSuchExecution(arn) : invalidArn(arn)
  const row = await findRow(prisma, scope, reference)
  if (row === null) throw noSuchExecution(arn)
  return recordOf(row)
}

/** Express ones by their id, Standard ones by machine and name: all of them by an index. */
async function findRow(
  prisma: PrismaClient,
  { accountId, region }: Scope,
  { machineName, name, id }: { readonly machineName: string; readonly name: string; readonly id: string | null },
): Promise<Row | null> {
  if (id !== null) {
    const where = { id, accountId, region, stateMachineName: machineName, name }
    return prisma.execution.findUnique({ where, select: FIELDS })
  }
  const machine = await prisma.stateMachine.findUnique({
    where: { accountId_region_name: { accountId, region, name: machineName } },
    select: { id: true },
  })
  const standard = { name, machineType: 'STANDARD' }
  const ofMachine =
    machine === null
      ? null
      : await prisma.execution.findFirst({ where: { stateMachineId: machine.id, ...standard }, select: FIELDS })
  if (ofMachine !== null) return ofMachine
  // The machine that it ran is gone: the latest of that name.
  return prisma.execution.findFirst({
    where: { accountId, region, stateMachineName: machineName, ...standard },
    orderBy: { id: 'desc' },
    select: FIELDS,
  })
}

/** The Standard execution of a machine that has a name; null where there is none. */
export async function standardExecution(
  prisma: PrismaClient,
  { accountId, region }: Scope,
  stateMachineId: string,
  name: string,
): Promise<ExecutionRecord | null> {
  const where = { accountId, region, stateMachineId, name, machineType: 'STANDARD' }
  const row = await prisma.execution.findFirst({ where, select: FIELDS })
  return row === null ? null : recordOf(row)
}

/** An execution by its id; null where the scope has none such. */
export async function executionById(prisma: PrismaClient, scope: Scope, id: string): Promise<ExecutionRecord | null> {
  const { accountId, region } = scope
  const row = await prisma.execution.findUnique({ where: { id, accountId, region }, select: FIELDS })
  return row === null ? null : recordOf(row)
}

export interface ExecutionFilter {
  /** Null: of all machines. */
  readonly stateMachineId: string | null
  readonly status: ExecutionStatus | null
  readonly mapRunId: string | null
}

/** Executions of the scope, the latest first. Children of Map Runs only where they are asked for. */
export async function listExecutions(
  prisma: PrismaClient,
  { accountId, region }: Scope,
  { stateMachineId, status, mapRunId }: ExecutionFilter,
  { first, after }: PageRequest<string>,
): Promise<Page<ExecutionRecord>> {
  const rows = await prisma.execution.findMany({
    where: {
      accountId,
      region,
      mapRunId,
      ...(stateMachineId === null ? {} : { stateMachineId }),
      ...(status === null ? {} : { status }),
      ...(after === null ? {} : { id: { lt: after } }),
    },
    orderBy: { id: 'desc' },
    take: first + 1,
    select: FIELDS,
  })
  return { items: rows.slice(0, first).map(recordOf), hasNextPage: rows.length > first }
}

function recordOf(row: Row): ExecutionRecord {
  const { accountId, region, machineType, status, child, ...rest } = row
  const scope = { accountId, region }
  return {
    ...rest,
    scope,
    machineType: machineType as StateMachineType,
    status: status as ExecutionStatus,
    stateMachineArn: stateMachineArn(scope, row.stateMachineName),
    executionArn: arnOfExecution({
      ...rest,
      scope,
      machineType: machineType as StateMachineType,
      definition: '',
      startedAtMs: 0,
      seed: 0,
      billedTransitions: 0,
      child: child === null ? null : (JSON.parse(child) as ChildFacts),
    }),
  }
}

/** The definition that an execution runs by, JSON text. */
export async function definitionOf(prisma: PrismaClient, { definitionSha256 }: ExecutionRecord): Promise<string> {
  const { definition } = await prisma.executionDefinition.findUniqueOrThrow({
    where: { sha256: new Uint8Array(definitionSha256) },
  })
  return definition
}
