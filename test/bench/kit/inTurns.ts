import { type LoadRequest, runLoad } from './httpLoad.ts'

/** One of the loads that are compared. */
export interface Load {
  /** Or several, which take turns. */
  readonly request: LoadRequest | readonly LoadRequest[]
  readonly connections: number
}

/** How often and how long each has its turn. */
export interface Turns {
  readonly slices: number
  readonly sliceMs: number
  readonly warmUpMs: number
}

/** What one of the loads came to. */
export interface LoadSummary {
  readonly timesMs: readonly number[]
  /** Requests per second of each slice. */
  readonly perSecond: readonly number[]
}

/** Runs loads in turns, so that whatever else the machine does meets all of them. */
export async function inTurns(loads: readonly Load[], { slices, sliceMs, warmUpMs }: Turns): Promise<LoadSummary[]> {
  const results = loads.map(() => ({ timesMs: [] as number[], perSecond: [] as number[] }))
  for (const { request, connections } of loads) await runLoad(request, connections, { durationMs: warmUpMs })
  for (let slice = 0; slice < slices; slice += 1) {
    for (const [index, { request, connections }] of loads.entries()) {
      const { timesMs, perSecond } = await runLoad(request, connections, { durationMs: sliceMs })
      for (const timeMs of timesMs) results[index]!.timesMs.push(timeMs)
      results[index]!.perSecond.push(perSecond)
    }
  }
  return results
}
