import { expect, it } from 'vitest'
import type { TaskOrder } from '../../../src/statemachines/engine/taskOrder.ts'
import type { ExecutionRow } from '../../../src/statemachines/runner/executionFacts.ts'
import type { RunTask } from '../../../src/statemachines/runner/runningExecution.ts'
import { performerOf } from '../../../src/statemachines/runner/tasks/taskPerformer.ts'

const FUNCTION = { kind: 'FUNCTION' } as TaskOrder
const INVOKE = { kind: 'SERVICE', resourceType: 'lambda', action: 'invoke' } as TaskOrder
const QUEUE = { kind: 'SERVICE', resourceType: 'sqs', action: 'sendMessage' } as TaskOrder
const MAP = { kind: 'MAP_RUN' } as TaskOrder

/** Hands a task out whose beginning is not durable yet. */
function handOut(order: TaskOrder) {
  const called: string[] = []
  const note = (part: string) => async () => {
    called.push(part)
    return null
  }
  let commit = () => {}
  let fail = () => {}
  const begun = new Promise<void>((resolve, reject) => {
    commit = resolve
    fail = () => reject(new Error('it belongs to another node'))
  })
  const perform = performerOf({
    runFunction: note('function'),
    callService: note('service'),
    runMap: note('map'),
  })
  const task = { kind: 'RUN_TASK', taskId: 1, token: null, order, requestId: 'one', begun } as RunTask
  return { called, commit, fail, done: perform({} as ExecutionRow, task, new AbortController().signal) }
}

const turn = () => new Promise(setImmediate)

it.each([
  ['a service of AWS', QUEUE, 'service'],
  ['a Map Run', MAP, 'map'],
])('%s is not called before it is durable that its task has begun', async (_name, order, part) => {
  const { called, commit, done } = handOut(order)
  await turn()
  expect(called).toEqual([])
  commit()
  await done
  expect(called).toEqual([part])
})

it.each([
  ['a service of AWS', QUEUE],
  ['a Map Run', MAP],
])('%s is not called where its task does not begin after all', async (_name, order) => {
  const { called, fail, done } = handOut(order)
  fail()
  await expect(done).rejects.toThrow('another node')
  expect(called).toEqual([])
})

it.each([
  ['by its ARN', FUNCTION, 'function'],
  ['by lambda:invoke', INVOKE, 'service'],
])('a function called %s is looked up beside the commit', async (_name, order, part) => {
  const { called, commit, done } = handOut(order)
  await turn()
  expect(called).toEqual([part])
  commit()
  await done
})
