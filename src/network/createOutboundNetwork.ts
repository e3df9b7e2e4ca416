import { readFileSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { Stock } from '../stock.ts'
import type { OutboundNetwork, SandboxNetwork } from './contract.ts'
import { findPrograms } from './findPrograms.ts'
import { firewallRules } from './firewall.ts'
import { localNetworks } from './localNetworks.ts'
import { TUN } from './makerCommand.ts'
import { createNetworkMaker } from './networkMaker.ts'

export interface OutboundNetworkOptions {
  readonly onError: (error: unknown) => void
  /** The networks that lead to this host, at the moment; what the kernel says unless something else is given. */
  readonly local?: () => readonly string[]
}

/** Behind the users of functions, which end at 265,535: who breaks out of the way out is nobody's user either. */
const FIRST_UID = 265_536
const USERS = 65_536
/** As many as are started at the same time, so that a burst of cold starts finds one each for its first round. */
const SPARE = Math.max(4, 2 * availableParallelism())

/**
 * The way out for sandboxes: networks are made ahead, so that a cold start finds one ready, and each is used once.
 * Makes the first at once, to know that it can; rejects with a StartFault or a PlatformFault that says why not.
 */
export async function createOutboundNetwork(options: OutboundNetworkOptions): Promise<OutboundNetwork> {
  const local = options.local ?? (() => localNetworks(readFileSync('/proc/net/fib_trie', 'latin1')))
  const isRoot = process.getuid?.() === 0
  const maker = createNetworkMaker(findPrograms(), isRoot && !isOpenToAll(TUN))
  let made = process.pid

  const currentRules = () => firewallRules(local())
  const stock = new Stock<SandboxNetwork>({
    size: SPARE,
    async make() {
      const rules = currentRules()
      made += 1
      const { isOpen, ...network } = await maker.make({ uid: isRoot ? FIRST_UID + (made % USERS) : null, rules })
      const current = { ...network, isCurrent: () => isOpen() && rules === currentRules() }
      void network.closed.then(() => stock.drop(current))
      return current
    },
    isFresh: (network) => network.isCurrent(),
    discard: (network) => network.close(),
    onError: options.onError,
  })
  await stock.add()
  stock.refill()

  return {
    take: () => stock.take(),
    stop() {
      stock.stop()
      maker.stop()
    },
  }
}

/** Whether any user may use a device, as udev makes it for this one. */
function isOpenToAll(device: string): boolean {
  const READ_AND_WRITE = 0o006
  return (statSync(device).mode & READ_AND_WRITE) === READ_AND_WRITE
}
