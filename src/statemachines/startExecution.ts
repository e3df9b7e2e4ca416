import { createHash, randomUUID } from 'node:crypto'
import { v7 as uuid } from 'uuid'
import type { PrismaClient } from '../db/prismaClient.ts'
import { ThrottleFault, UserFault } from '../errors.ts'
import type { Scope } from '../model/records.ts'
import { standardExecution } from './executions/executionReads.ts'
import type { ExecutionRecord } from './executions/executionRecords.ts'
import type { MachineResolver } from './machines/machineResolver.ts'
import type { ExecutionMove } from './runner/executionEntry.ts'
import type { ChildFacts } from './runner/executionFacts.ts'
import { NameTakenFault } from './runner/executionJournal.ts'
import type { ExecutionRunner, NewRun } from './runner/executionRunner.ts'
import type { StartLimits } from './startLimits.ts'
import { executionArn, stateMachineArn } from './stateMachineArn.ts'
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
  /** Whether the caller waits for its end. */
  readonly isSynchronous: boolean
}

/**
 * Begins an execution and answers when that is durable. Starting a Standard one a second time under the same name and
 * with the same input, while it runs, gives the first one. The answer is the execution as it was when it became durable.
 * Throws UserFaults in AWS's words, and of what a limit refuses a ThrottleFault, whose event is durable then.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 */
export type StartExecution = (scope: Scope, request: StartExecutionRequest) => Promise<ExecutionRecord>

export interface StartExecutionOptions {
  readonly prisma: PrismaClient
  readonly machines: MachineResolver
  readonly limits: StartLimits
  readonly begin: ExecutionRunner['begin']
}

export function createStartExecution({ prisma, machines, limits, begin }: StartExecutionOptions): StartExecution {
  /** The execution that was asked for before, under the same name and with the same input. */
  async function startedBefore(
    { scope, stateMachineId, name, input }: NewRun,
    { isAgain }: StartExecutionRequest,
  ): Promise<ExecutionRecord | null> {
    const existing = await standardExecution(prisma, scope, stateMachineId, name)
    if (existing === null) return null
    return isAgain || (existing.status === 'RUNNING' && existing.input === input) ? existing : null
  }

  return async (scope, request) => {
    if (request.name !== null) checkName(request.name)
    // As it is kept and shown: without the caller's white space.
    const input = JSON.stringify(parseInput(request.input))
    const { machine, definition, ...chosen } = await machines.resolve(scope, request.stateMachineArn, Math.random())
    const name = request.name ?? randomUUID()
    const run: NewRun = {
      id: uuid(),
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
    }
    try {
      limits.admit(scope, request.isSynchronous ? 'SYNCHRONOUS_EXPRESS' : machine.type)
      return begunRecord(run, await begin(run))
    } catch (error) {
      if (error instanceof NameTakenFault || mayHaveBegun(error, request)) {
        const existing = await startedBefore(run, request)
        if (existing !== null) return existing
      }
      if (error instanceof ThrottleFault) {
        await limits.note(scope, { ...run, executionName: request.name }, error)
      }
      if (!(error instanceof NameTakenFault)) throw error
      const arn = executionArn(scope, machine.type, machine.name, name, run.id)
      throw new UserFault('EXECUTION_ALREADY_EXISTS', `Execution Already Exists: '${arn}'`, ['input', 'name'])
    }
  }
}

/** Whether what a limit refused may be there already, so that nothing would begin: who asks for it gets it. */
function mayHaveBegun(error: unknown, { name, isAgain }: StartExecutionRequest): boolean {
  if (!(error instanceof ThrottleFault) || name === null) return false
  return isAgain || error.reason === 'OPEN_EXECUTION_LIMIT_EXCEEDED'
}

/** An execution as its first commit has left it. */
function begunRecord(
  { definition: _definition, child: _child, ...run }: NewRun,
  { startedAtMs, moved }: { readonly startedAtMs: number; readonly moved: ExecutionMove },
): ExecutionRecord {
  const { scope, machineType, stateMachineName, name, id } = run
  const { next, transitions } = moved
  const end = next.kind === 'ENDED' ? next : { status: 'RUNNING' as const, output: null, error: null, cause: null }
  return {
    ...run,
    executionArn: executionArn(scope, machineType, stateMachineName, name, id),
    stateMachineArn: stateMachineArn(scope, stateMachineName),
    status: end.status,
    output: end.output,
    error: end.error,
    cause: end.cause,
    startedAt: new Date(startedAtMs),
    stoppedAt: next.kind === 'ENDED' ? new Date(next.stoppedAtMs) : null,
    redriveCount: 0,
    redrivenAt: null,
    transitions,
  }
}

export function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
