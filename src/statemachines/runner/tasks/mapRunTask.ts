import type { Pool } from 'pg'
import { v7 as uuid, v4 } from 'uuid'
import { topics } from '../../../events/topics.ts'
import type { Wakeups } from '../../../events/wakeups.ts'
import type { Clock } from '../../../model/clock.ts'
import type { Json } from '../../data/json.ts'
import { EXCEEDED_TOLERANCE, type MapRunCounts, mapRunVerdict } from '../../engine/mapRun.ts'
import type { ExecutionRow } from '../executionFacts.ts'
import { NameTakenFault } from '../executionJournal.ts'
import type { NewRun } from '../executionRunner.ts'
import {
  endMapRun,
  insertMapRun,
  selectBegun,
  selectGaps,
  selectMapRunCounts,
  selectOutputs,
  stopItems,
} from '../sql/mapRuns.ts'
import { failed, type TaskOf, type TaskPerformer } from './taskPerformer.ts'

export interface MapRunOptions {
  readonly database: Pool
  readonly clock: Clock
  readonly wakeups: Wakeups
  readonly begin: (run: NewRun) => Promise<unknown>
  readonly sha256: (definition: string) => Buffer
}

/** As many children of one Map Run are begun at a time at most, whatever the state allows: they are all in memory. */
const LARGEST_CONCURRENCY = 1_000
const OUTPUTS_AT_ONCE = 1_000
/** Larger results are refused anyway. */
const LARGEST_RESULT_BYTES = 262_144

type MapRunTask = TaskOf<'MAP_RUN'>

/**
 * Runs a distributed Map: a child execution for each item, as many at a time as the state allows. What has begun before
 * a crash is not begun again: an item has at most one child.
 */
export function createMapRunTask(options: MapRunOptions): TaskPerformer<'MAP_RUN'> {
  const { database, clock, wakeups, begin, sha256 } = options

  async function beginChild(execution: ExecutionRow, { order }: MapRunTask, mapRunId: string, at: number) {
    const item = order.items[at]!
    const [, label = ''] = /\/([^:]+):/.exec(order.mapRunArn) ?? []
    const run: NewRun = {
      id: uuid(),
      scope: execution.scope,
      stateMachineId: execution.stateMachineId,
      stateMachineName: execution.stateMachineName,
      machineType: order.childType,
      versionNumber: execution.versionNumber,
      aliasName: execution.aliasName,
      name: v4(),
      definition: execution.definition,
      definitionSha256: sha256(execution.definition),
      roleArn: execution.roleArn,
      input: JSON.stringify(item.input),
      child: {
        parent: null,
        item: { mapRunId, label, index: item.index, value: item.value, place: order.place, variables: order.variables },
      },
    }
    try {
      await begin(run)
    } catch (error) {
      // It was begun before its parent's node died.
      if (!(error instanceof NameTakenFault)) throw error
    }
  }

  async function counts(mapRunId: string): Promise<MapRunCounts> {
    const { rows } = await database.query<MapRunCounts>({ ...selectMapRunCounts, values: [mapRunId] })
    return rows[0]!
  }

  /** The items that have no child yet, in their order. */
  async function itemsToBegin(mapRunId: string, total: number): Promise<number[]> {
    const { rows } = await database.query<{ count: number; last: number }>({ ...selectBegun, values: [mapRunId] })
    const { count, last } = rows[0]!
    const gaps =
      count === last + 1
        ? []
        : (await database.query<{ item_index: number }>({ ...selectGaps, values: [mapRunId, last] })).rows.map(
            ({ item_index: index }) => index,
          )
    for (let index = last + 1; index < total; index += 1) gaps.push(index)
    return gaps
  }

  async function outputsOf(mapRunId: string): Promise<Json[] | null> {
    const outputs: Json[] = []
    let bytes = 0
    for (let after = -1; ; ) {
      const values = [mapRunId, after, OUTPUTS_AT_ONCE]
      const { rows } = await database.query<{ itemIndex: number; output: string }>({ ...selectOutputs, values })
      for (const { output } of rows) {
        bytes += Buffer.byteLength(output) + 1
        if (bytes > LARGEST_RESULT_BYTES) return null
        outputs.push(JSON.parse(output) as Json)
      }
      if (rows.length < OUTPUTS_AT_ONCE) return outputs
      after = rows.at(-1)!.itemIndex
    }
  }

  return async (execution, task, signal) => {
    const { order, taskId } = task
    const total = order.items.length
    const concurrency = Math.min(order.concurrency || LARGEST_CONCURRENCY, LARGEST_CONCURRENCY)
    const { rows } = await database.query<{ id: string }>({
      ...insertMapRun,
      values: [
        uuid(),
        execution.scope.accountId,
        execution.id,
        taskId,
        order.mapRunArn,
        order.concurrency,
        order.toleratedFailureCount,
        order.toleratedFailurePercentage,
        total,
        new Date(clock.now()),
      ],
    })
    const mapRunId = rows[0]!.id
    const end = (status: string) =>
      database.query({ ...endMapRun, values: [mapRunId, status, total, new Date(clock.now())] })
    const stop = async () => {
      const body = JSON.stringify({ kind: 'STOPPED', error: null, cause: null })
      await database.query({ ...stopItems, values: [mapRunId, body, new Date(clock.now())] })
      wakeups.wake([topics.executions], 0n)
    }

    const waiting = await itemsToBegin(mapRunId, total)
    const changes = changesOf(wakeups, topics.execution(mapRunId), signal)
    try {
      for (;;) {
        if (signal.aborted) {
          await stop()
          await end('ABORTED')
          return null
        }
        const now = await counts(mapRunId)
        const verdict = mapRunVerdict(now, order)
        if (verdict === 'FAILED') {
          await stop()
          await end('FAILED')
          return failed(taskId, EXCEEDED_TOLERANCE.error ?? '', EXCEEDED_TOLERANCE.cause ?? '')
        }
        if (verdict === 'SUCCEEDED') {
          const output = await outputsOf(mapRunId)
          await end(output === null ? 'FAILED' : 'SUCCEEDED')
          if (output !== null) return { kind: 'TASK_SUCCEEDED', taskId, output }
          const cause = `The state/task '${order.stateName}' returned a result with a size exceeding the maximum number of bytes service limit.`
          return failed(taskId, 'States.DataLimitExceeded', cause)
        }
        const begunItems = total - waiting.length
        const free = concurrency - (begunItems - now.succeeded - now.failed)
        const next = waiting.splice(0, Math.max(0, free))
        if (next.length === 0) await changes.next()
        else await Promise.all(next.map((at) => beginChild(execution, task, mapRunId, at)))
      }
    } finally {
      changes[Symbol.dispose]()
    }
  }
}

/** Waits for a topic without missing what happens between two waits. */
function changesOf(wakeups: Wakeups, topic: string, signal: AbortSignal): Disposable & { next(): Promise<void> } {
  let hasChanged = false
  let wake: (() => void) | null = null
  const changed = () => {
    hasChanged = true
    wake?.()
  }
  const subscription = wakeups.listen(topic, changed)
  signal.addEventListener('abort', changed, { once: true })
  return {
    async next() {
      if (!hasChanged) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      wake = null
      hasChanged = false
    },
    [Symbol.dispose]: () => subscription[Symbol.dispose](),
  }
}
