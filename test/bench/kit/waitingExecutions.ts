import type pg from 'pg'
import type { ServiceProcess } from '../../kit/serviceProcess.ts'
import { createChain, createMachine } from '../../kit/stateMachineDocuments.ts'
import type { Bench, Measurement } from '../benchmark.ts'
import { restartBenchService } from './benchService.ts'
import { deploy } from './functions.ts'
import { runLoad } from './httpLoad.ts'
import { megabytes, rates, times } from './lines.ts'
import { percentile } from './percentile.ts'
import { heldMegabytes } from './processMemory.ts'
import { startRequest } from './stateMachines.ts'
import { timedRun } from './timedRun.ts'

const CONNECTIONS = 16
const YEAR_SECONDS = 365 * 86_400
const MOST_SLOWER = 1.3

/** How many executions wait, and what runs beside them. */
export interface WaitingExecutions {
  /** Of the service and its database. */
  readonly name: string
  readonly database: pg.Pool
  readonly waiting: number
  readonly chains: number
  /** Of each chain. */
  readonly tasks: number
  readonly settleMs: number
}

/** Milliseconds for each function task, and memory, before and after so many executions have begun to wait for a year. */
export async function measureWaiting(
  bench: Bench,
  service: ServiceProcess,
  { name, database, waiting, chains, tasks, settleMs }: WaitingExecutions,
): Promise<{ readonly lines: readonly Measurement[]; readonly restarted: ServiceProcess }> {
  const pause = () => new Promise((resolve) => setTimeout(resolve, settleMs))
  await deploy(service.client, 'task', 'export const handler = async () => ({})')
  const { data } = await service.client.query('{ function(functionName: "task") { functionArn } }')
  const arn = await createChain(service.client, 'tasks', { Type: 'Task', Resource: data.function.functionArn }, tasks)
  const timed = async (where: ServiceProcess) => {
    const perTaskMs: number[] = []
    for (let chain = 0; chain <= chains; chain += 1) perTaskMs.push((await timedRun(where, arn, database)) / tasks)
    return perTaskMs.slice(1)
  }
  const wait = await createMachine(service.client, 'year', {
    StartAt: 'Wait',
    States: { Wait: { Type: 'Wait', Seconds: YEAR_SECONDS, End: true } },
  })
  const before = await timed(service)
  await pause()
  const idleMb = heldMegabytes(service.child.process.pid!)
  const beganMs = performance.now()
  await runLoad(startRequest(service.url, service.token, wait), CONNECTIONS, { requests: waiting })
  const startsPerSecond = (waiting * 1000) / (performance.now() - beganMs)
  await pause()
  const waitingMb = heldMegabytes(service.child.process.pid!)
  const after = await timed(service)
  const restartedMs = performance.now()
  const restarted = await restartBenchService(bench, service, name)
  const startMs = performance.now() - restartedMs
  const count = waiting.toLocaleString('en')
  const floor = percentile(before, 50)
  const lines: Measurement[] = [
    times('a function task, nothing else there', before),
    times(`a function task, ${count} executions waiting for a year`, after, floor, {
      words: `at most ${MOST_SLOWER} times`,
      isMet: percentile(after, 50) <= MOST_SLOWER * floor,
    }),
    rates('executions begun and put to rest, at 16 connections', [startsPerSecond]),
    times(`stop and start of the service, ${count} executions waiting`, [startMs]),
    megabytes('service, before they began to wait', idleMb),
    megabytes('service, while they wait', waitingMb, idleMb),
  ]
  return { lines, restarted }
}
