import { randomInt, randomUUID } from 'node:crypto'
import type { RanInvocation } from '../../invocations/journalEntry.ts'
import type { Clock } from '../../model/clock.ts'
import { newInvocationId } from '../../model/invocationId.ts'
import type { Scope } from '../../model/records.ts'
import type { Stimulus } from '../engine/stimulus.ts'
import type { TaskOrder } from '../engine/taskOrder.ts'
import type { TaskEnd } from '../runner/runningExecution.ts'
import type { TaskOf, TaskOwner, TaskPerformers } from '../runner/tasks/taskPerformer.ts'
import { executionArn, stateMachineArn } from '../stateMachineArn.ts'
import { awsApiResults } from './mockedResults/awsApiResults.ts'
import type { TestFacts } from './testedRun.ts'
import { testState } from './testState.ts'
import type { TestStateAnswer } from './testStateAnswer.ts'
import type { TestStateRequest } from './testStateRequest.ts'

export interface TestStateOptions extends Pick<TaskPerformers, 'runFunction' | 'callService'> {
  readonly clock: Clock
  /** Makes an invocation durable. */
  readonly record: (invocation: RanInvocation) => Promise<void>
  /** Hears of what goes wrong with a task that nobody waits for any more. */
  readonly onError: (error: unknown) => void
}

/** `testState` in an account: tasks are carried out by what carries out those of executions. Nothing of it is kept. */
export function createTestState(options: TestStateOptions) {
  const { clock } = options
  return (scope: Scope, request: TestStateRequest): Promise<TestStateAnswer> => {
    const id = randomUUID()
    return testState(request, {
      facts: factsOf(scope, id, clock.now()),
      seed: randomInt(2 ** 32),
      results: awsApiResults,
      perform: (order, withinMs) => perform(options, { id, scope }, order, withinMs),
      sleep: (ms) => sleep(clock, ms),
    })
  }
}

/** A machine and an execution of which there is nothing but their names. */
function factsOf(scope: Scope, id: string, startedAtMs: number): TestFacts {
  const stateMachineName = randomUUID()
  return {
    executionArn: executionArn(scope, 'EXPRESS', stateMachineName, id, randomUUID()),
    name: id,
    stateMachineArn: stateMachineArn(scope, stateMachineName),
    stateMachineName,
    accountId: scope.accountId,
    region: scope.region,
    startedAtMs,
  }
}

async function perform(
  options: TestStateOptions,
  owner: TaskOwner,
  order: TaskOrder,
  withinMs: number,
): Promise<Stimulus | null> {
  const { clock, onError } = options
  const timeout = new AbortController()
  const task = carryOut(options, owner, order, timeout.signal)
  const timedOut = new Promise<null>((resolve) => {
    timeout.signal.addEventListener('abort', () => resolve(null), { once: true })
  })
  using _alarm = clock.schedule(clock.now() + withinMs, () => {
    task.catch(onError)
    timeout.abort()
  })
  return await Promise.race([task, timedOut])
}

async function carryOut(
  options: TestStateOptions,
  owner: TaskOwner,
  order: TaskOrder,
  signal: AbortSignal,
): Promise<Stimulus | null> {
  const end = await endOf(options, owner, order, signal)
  if (end === null) return null
  if (end.invocation !== null) await options.record(end.invocation)
  return end.stimulus
}

function endOf(
  { runFunction, callService }: TestStateOptions,
  owner: TaskOwner,
  order: TaskOrder,
  signal: AbortSignal,
): Promise<TaskEnd | null> {
  const begun = Promise.resolve()
  const task = { kind: 'RUN_TASK', taskId: 1, token: null, order, requestId: newInvocationId(), begun } as const
  switch (order.kind) {
    case 'FUNCTION':
      return runFunction(owner, task as TaskOf<'FUNCTION'>, signal)
    case 'SERVICE':
      return callService(owner, task as TaskOf<'SERVICE'>, signal)
    case 'ACTIVITY':
    case 'MAP_RUN':
      throw new RangeError(`a task of kind ${order.kind} is tested with a mock only`)
  }
}

function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.schedule(clock.now() + ms, resolve)
  })
}
