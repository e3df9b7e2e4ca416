import type { Pool } from 'pg'
import { v7 as uuid, v4 } from 'uuid'
import type { AwsClientsOf } from '../../../destinations/awsClientCache.ts'
import { topics } from '../../../events/topics.ts'
import type { Wakeups } from '../../../events/wakeups.ts'
import type { Clock } from '../../../model/clock.ts'
import { StateFault } from '../../data/fault.ts'
import type { Json } from '../../data/json.ts'
import { EXCEEDED_TOLERANCE, mapRunVerdict } from '../../engine/mapRun.ts'
import type { MapRunOrder } from '../../engine/taskOrder.ts'
import { batchItems, type ChildInput } from '../../mapRun/batchItems.ts'
import { itemInput } from '../../mapRun/itemInput.ts'
import { MapRunFault, readItems } from '../../mapRun/readItems.ts'
import { linesOf, writeResults } from '../../mapRun/writeResults.ts'
import type { ExecutionRow } from '../executionFacts.ts'
import { NameTakenFault } from '../executionJournal.ts'
import type { NewRun } from '../executionRunner.ts'
import { begunBefore, mapRunCounts, mapRunResults } from '../mapRunRows.ts'
import { PUT_AWAY, type TaskEnd } from '../runningExecution.ts'
import { endMapRun, insertMapRun, setMapRunTotal, stopItems } from '../sql/mapRuns.ts'
import { createChanges } from './changes.ts'
import { ended, failed, type TaskPerformer } from './taskPerformer.ts'

export interface MapRunOptions {
  readonly database: Pool
  readonly clock: Clock
  readonly wakeups: Wakeups
  readonly awsClients: AwsClientsOf
  readonly begin: (run: NewRun) => Promise<unknown>
  readonly sha256: (definition: string) => Buffer
}

/** As many children of one Map Run are in memory at a time at most, whatever the state allows. */
const LARGEST_CONCURRENCY = 1_000
/** Larger results are refused. */
const LARGEST_RESULT_BYTES = 262_144

/**
 * Runs a distributed Map: a child execution for each item or batch, as many at a time as the state allows. Items and
 * results pass through; memory holds no more of them than run. What has begun before a crash is not begun again: an
 * item has at most one child.
 */
export function createMapRunTask(options: MapRunOptions): TaskPerformer<'MAP_RUN', ExecutionRow> {
  const { database, clock, wakeups, awsClients, begin, sha256 } = options

  async function beginChild(execution: ExecutionRow, order: MapRunOrder, mapRunId: string, child: ChildInput) {
    const { place, variables } = order
    const { index, value } = child
    const {
      id: _id,
      startedAtMs: _at,
      seed: _seed,
      redriveCount: _redrives,
      billedTransitions: _billed,
      ...rest
    } = execution
    const run: NewRun = {
      ...rest,
      id: uuid(),
      machineType: order.childType,
      name: v4(),
      definitionSha256: sha256(execution.definition),
      input: JSON.stringify(child.input),
      child: { parent: null, item: { mapRunId, label: labelOf(order), index, value, place, variables } },
    }
    try {
      await begin(run)
    } catch (error) {
      // It was begun before its parent's node died.
      if (!(error instanceof NameTakenFault)) throw error
    }
  }

  function childInputs({ scope }: ExecutionRow, order: MapRunOrder): AsyncGenerator<ChildInput, void, void> {
    const s3 = async () => (await awsClients(scope)).buckets()
    const items = order.reader === null ? listed(order.items ?? []) : readItems(order.reader, s3)
    return batchItems(selected(order, items), order.batcher)
  }

  async function resultOf(execution: ExecutionRow, order: MapRunOrder, mapRunId: string): Promise<Json | null> {
    const { writer, mapRunArn } = order
    const results = mapRunResults(database, execution, labelOf(order), mapRunId)
    const s3 = async () => (await awsClients(execution.scope)).buckets()
    if (writer !== null && writer.resource !== null) return writeResults(writer, mapRunArn, results, s3)
    const transformation = writer === null ? 'COMPACT' : transformationOf(writer.config)
    const outputs: string[] = []
    let bytes = 2
    for await (const result of results) {
      if (result.status !== 'SUCCEEDED') continue
      for (const line of linesOf(result, transformation)) {
        bytes += Buffer.byteLength(line) + 1
        if (bytes > LARGEST_RESULT_BYTES) return null
        outputs.push(line)
      }
    }
    return JSON.parse(`[${outputs.join(',')}]`) as Json
  }

  return async (execution, { order, taskId }, signal) => {
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
        new Date(clock.now()),
      ],
    })
    const mapRunId = rows[0]!.id
    const end = async (status: string) => {
      await database.query({ ...endMapRun, values: [mapRunId, status, new Date(clock.now())] })
    }
    const stopChildren = async () => {
      const body = JSON.stringify({ kind: 'STOPPED', error: null, cause: null })
      await database.query({ ...stopItems, values: [mapRunId, body, new Date(clock.now())] })
      wakeups.wake([topics.executions], 0n)
    }
    const fail = async (error: string, cause: string): Promise<TaskEnd> => {
      await stopChildren()
      await end('FAILED')
      return ended(failed(taskId, error, cause))
    }

    const concurrency = Math.min(order.concurrency || LARGEST_CONCURRENCY, LARGEST_CONCURRENCY)
    const hasBegun = await begunBefore(database, mapRunId)
    const children = childInputs(execution, order)
    using changes = createChanges(wakeups, topics.execution(mapRunId), signal)
    let begun = 0
    let total: number | null = null
    try {
      for (;;) {
        if (signal.aborted) {
          // Its children go on; whoever takes the execution up counts them.
          if (signal.reason === PUT_AWAY) return null
          await stopChildren()
          await end('ABORTED')
          return null
        }
        const counts = await mapRunCounts(database, mapRunId)
        const verdict = mapRunVerdict({ ...counts, total }, order)
        if (verdict === 'FAILED') return await fail(EXCEEDED_TOLERANCE.error!, EXCEEDED_TOLERANCE.cause!)
        if (verdict === 'SUCCEEDED') {
          const output = await resultOf(execution, order, mapRunId)
          if (output === null) return await fail('States.DataLimitExceeded', tooLarge(order))
          await end('SUCCEEDED')
          return ended({ kind: 'TASK_SUCCEEDED', taskId, output })
        }
        const beginning: Promise<void>[] = []
        let free = concurrency - (begun - counts.succeeded - counts.failed)
        while (free > 0 && total === null) {
          const { done, value: child } = await children.next()
          if (done || child === undefined) {
            total = begun
            await database.query({ ...setMapRunTotal, values: [mapRunId, total] })
            break
          }
          begun += 1
          free -= 1
          if (!hasBegun(child.index)) beginning.push(beginChild(execution, order, mapRunId, child))
        }
        await Promise.all(beginning)
        // What has just been learnt may already decide.
        if (beginning.length === 0 && total === null) await changes.next()
        else if (beginning.length === 0 && mapRunVerdict({ ...counts, total }, order) === 'GOES_ON')
          await changes.next()
      }
    } catch (error) {
      if (error instanceof MapRunFault) return await fail(error.error, error.message)
      if (error instanceof StateFault) return await fail(error.error, error.cause)
      throw error
    } finally {
      await children.return()
    }
  }
}

/** Inputs by ItemSelector, one after the other. */
async function* selected(order: MapRunOrder, items: AsyncIterable<Json>) {
  let index = 0
  for await (const value of items) {
    yield { value, input: await itemInput(order, index, value) }
    index += 1
  }
}

async function* listed(items: readonly Json[]): AsyncGenerator<Json, void, void> {
  yield* items
}

const labelOf = ({ mapRunArn }: MapRunOrder) => /\/([^:]+):/.exec(mapRunArn)?.[1] ?? ''

function transformationOf(config: Json): string {
  const { Transformation: transformation = 'NONE' } = config as { Transformation?: string }
  return transformation
}

function tooLarge({ stateName }: MapRunOrder): string {
  return `The state/task '${stateName}' returned a result with a size exceeding the maximum number of bytes service limit.`
}
