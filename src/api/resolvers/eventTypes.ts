import { encodeCursor } from '../../model/position.ts'
import { formatNanoUsd, gigabyteSeconds } from '../../model/price.ts'
import { versionName } from '../../model/version.ts'
import type { Resolvers } from '../generated/resolvers.ts'

/**
 * `LogEvent`, `LogEventBatch`, `InvocationEvent`, `LedgerEntry` and `ThrottleEvent`: the same whether read in pages or
 * streamed.
 */
export const eventTypes: Resolvers = {
  LogEvent: {
    cursor: ({ position }) => encodeCursor(position),
    version: ({ versionNumber }) => versionName(versionNumber),
  },
  LogEventBatch: {
    cursor: (events) => encodeCursor(events.at(-1)!.position),
    events: (events) => [...events],
  },
  InvocationEvent: {
    cursor: ({ position }) => encodeCursor(position),
    async invocation({ requestId }, _request, { loaders }) {
      const invocation = await loaders.invocations.byId.load(requestId)
      if (invocation === null) throw new Error(`invocation ${requestId} has events but no row`)
      return invocation
    },
  },
  LedgerEntry: {
    cursor: ({ position }) => encodeCursor(position),
    version: ({ versionNumber }) => (versionNumber === null ? null : versionName(versionNumber)),
    durationMs: ({ durationUs }) => milliseconds(durationUs),
    billedDurationMs: ({ billedMs }) => billedMs,
    gigabyteSeconds: ({ billedMs, memoryMiB }) => gigabyteSeconds(billedMs, memoryMiB),
    requestCost: ({ requestPriceNanoUsd }) => formatNanoUsd(requestPriceNanoUsd),
    durationCost: ({ durationPriceNanoUsd }) => formatNanoUsd(durationPriceNanoUsd),
    cost: ({ requestPriceNanoUsd, durationPriceNanoUsd }) => formatNanoUsd(requestPriceNanoUsd + durationPriceNanoUsd),
  },
  ThrottleEvent: {
    cursor: ({ position }) => encodeCursor(position),
    version: ({ versionNumber }) => (versionNumber === null ? null : versionName(versionNumber)),
  },
}

/** Microseconds as milliseconds to two decimals. */
export function milliseconds(us: number): number {
  return Math.round(us / 10) / 100
}
