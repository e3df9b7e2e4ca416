import { createHash, randomUUID } from 'node:crypto'
import { v7 as uuid } from 'uuid'
import type { BudgetWatch } from '../billing/budgetWatch.ts'
import type { PrismaClient } from '../db/prismaClient.ts'
import { UserFault } from '../errors.ts'
import type { Scope } from '../model/records.ts'
import { resolveMachine } from './machines/findMachine.ts'
import type { StateMachineType } from './machines/machineRecords.ts'
import type { ChildFacts } from './runner/executionFacts.ts'
import { NameTakenFault } from './runner/executionJournal.ts'
import type { ExecutionRunner } from './runner/executionRunner.ts'
import { executionArn } from './stateMachineArn.ts'
import { checkName, parseInput } from './stateMachineRules.ts'

export interface StartExecutionRequest {
  /** Of the machine, a version or an alias. */
  readonly stateMachineArn: string
  /** Unique for Standard executions; null: a new UUID. */
  readonly name: string | null
  /** JSON text. */
  readonly input: string
  readonly child: ChildFacts | null
  /** Whether one of that name is the same that was asked for before, whatever has become of it. */
  readonly isAgain: boolean
}

export interface StartedExecution {
  readonly executionId: string
  readonly executionArn: string
  readonly startedAtMs: number
  readonly machineType: StateMachineType
}

/**
 * Begins an execution and answers when that is durable. Starting a Standard one a second time under the same name and
 * with the same input, while it runs, gives the first one. Throws UserFaults in AWS's words.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 */
export type StartExecution = (scope: Scope, request: StartExecutionRequest) => Promise<StartedExecution>

export function createStartExecution(
  prisma: PrismaClient,
  runner: () => ExecutionRunner,
  budgets: Pick<BudgetWatch, 'refuseSpent'>,
): StartExecution {
  return async (scope, request) => {
    if (request.name !== null) checkName(request.name)
    budgets.refuseSpent(scope)
    // As it is kept and shown: without the caller's white space.
    const input = JSON.stringify(parseInput(request.input))
    const { machine, definition, ...chosen } = await resolveMachine(
      prisma,
      scope,
      request.stateMachineArn,
      Math.random(),
    )
    const id = uuid()
    const name = request.name ?? randomUUID()
    const arn = executionArn(scope, machine.type, machine.name, name, id)
    try {
      const { startedAtMs } = await runner().begin({
        id,
        scope,
        stateMachineId: machine.id,
        stateMachineName: machine.name,
        machineType: machine.type,
        ...chosen,
        name,
        definition,
        definitionSha256: sha256(definition),
        input,
        child: request.child,
      })
      return { executionId: id, executionArn: arn, startedAtMs, machineType: machine.type }
    } catch (error) {
      if (!(error instanceof NameTakenFault)) throw error
      const existing = await prisma.execution.findFirst({
        where: { stateMachineId: machine.id, name, machineType: 'STANDARD' },
        select: { id: true, status: true, input: true, startedAt: true },
      })
      if (existing !== null && (request.isAgain || (existing.status === 'RUNNING' && existing.input === input))) {
        const startedAtMs = existing.startedAt.getTime()
        return { executionId: existing.id, executionArn: arn, startedAtMs, machineType: machine.type }
      }
      throw new UserFault('EXECUTION_ALREADY_EXISTS', `Execution Already Exists: '${arn}'`, ['input', 'name'])
    }
  }
}

export function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
