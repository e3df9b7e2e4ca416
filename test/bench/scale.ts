import { createPool } from '../../src/db/pool.ts'
import type { Benchmark } from './benchmark.ts'
import { startBenchService } from './kit/benchService.ts'
import { measureMap } from './kit/mapOverItems.ts'
import { measureWaiting } from './kit/waitingExecutions.ts'

const SIZES = {
  FULL: { waiting: 20_000, chains: 6, tasks: 50, items: 100_000, settleMs: 2_000 },
  SMOKE: { waiting: 20, chains: 1, tasks: 2, items: 50, settleMs: 0 },
} as const

/** What very many executions cost those that run: waits of a year, and a distributed Map over very many items. */
export const scale: Benchmark = {
  name: 'scale',
  title: 'step functions: many waiting executions, a distributed Map over many items',
  async run(bench) {
    const { items, ...sizes } = SIZES[bench.size]
    const service = await startBenchService(bench, 'scale')
    const database = createPool(bench.postgres.url('bench_scale'), { max: 1 })
    try {
      const map = await measureMap(bench, service, database, items)
      const { lines, restarted } = await measureWaiting(bench, service, { name: 'scale', database, ...sizes })
      await restarted.stop()
      return [...lines, ...map]
    } finally {
      await database.end()
      await service.stop()
    }
  },
}
