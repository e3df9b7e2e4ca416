import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { OutboundNetwork } from './contract.ts'
import { createOutboundNetwork } from './createOutboundNetwork.ts'

/**
 * The way out for functions as the configuration has it; null where there is to be none, or can be none on this machine:
 * then the log says why and what to do, and functions have their loopback alone.
 */
export async function openOutboundNetwork(config: Config, log: Log): Promise<OutboundNetwork | null> {
  // Bare processes have the network of the machine, and nothing could take it from them.
  if (config.network === 'none' || config.driver === 'process') return null
  try {
    return await createOutboundNetwork({ onError: (error) => log.error(error) })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    log.warn(
      `functions have no network but their own loopback: ${reason}. Mend it and start again, or start with ` +
        '--network none to do without',
    )
    return null
  }
}
