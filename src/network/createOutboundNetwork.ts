import { readFileSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { setTimeout } from 'node:timers/promises'
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

interface Prepared {
  readonly network: SandboxNetwork
  /** Those of the moment at which it was made: the host may have got another address since. */
  readonly rules: string
}

/** Behind the users of functions, which end at 265,535: who breaks out of the way out is nobody's user either. */
const FIRST_UID = 265_536
const USERS = 65_536
/** As many as are started at the same time, so that a burst of cold starts finds one each for its first round. */
const SPARE = Math.max(4, 2 * availableParallelism())
/** Making one takes some milliseconds of a processor, which whoever has just taken one needs more. */
const REFILL_PAUSE_MS = 100

/**
 * The way out for sandboxes: networks are made ahead, so that a cold start finds one ready, and each is used once.
 * Makes the first at once, to know that it can; rejects with a StartFault or a PlatformFault that says why not.
 */
export async function createOutboundNetwork(options: OutboundNetworkOptions): Promise<OutboundNetwork> {
  const { onError } = options
  const local = options.local ?? (() => localNetworks(readFileSync('/proc/net/fib_trie', 'latin1')))
  const isRoot = process.getuid?.() === 0
  const maker = createNetworkMaker(findPrograms(), isRoot && !isOpenToAll(TUN))
  const stopping = new AbortController()
  let ready: Prepared[] = []
  let isRefilling = false
  let made = process.pid

  const currentRules = () => firewallRules(local())
  async function make(rules: string): Promise<SandboxNetwork> {
    made += 1
    return await maker.make({ uid: isRoot ? FIRST_UID + (made % USERS) : null, rules })
  }

  function keep(network: SandboxNetwork, rules: string): void {
    if (stopping.signal.aborted) {
      network.close()
      return
    }
    const prepared = { network, rules }
    ready.push(prepared)
    void network.closed.then(() => {
      if (!ready.includes(prepared)) return
      ready = ready.filter((each) => each !== prepared)
      network.close()
    })
  }

  async function refill(): Promise<void> {
    if (isRefilling) return
    isRefilling = true
    try {
      await setTimeout(REFILL_PAUSE_MS, undefined, { ref: false, signal: stopping.signal })
      while (ready.length < SPARE && !stopping.signal.aborted) {
        const rules = currentRules()
        keep(await make(rules), rules)
      }
    } catch (error) {
      // The next one who takes a network tries again, and is told.
      if (!stopping.signal.aborted) onError(error)
    } finally {
      isRefilling = false
    }
  }

  function takeOpen(): SandboxNetwork | null {
    for (let prepared = ready.shift(); prepared !== undefined; prepared = ready.shift()) {
      if (prepared.network.isOpen()) return prepared.network
      prepared.network.close()
    }
    return null
  }

  const first = currentRules()
  keep(await make(first), first)
  void refill()

  return {
    async take() {
      const rules = currentRules()
      const stale = ready.filter((each) => each.rules !== rules)
      ready = ready.filter((each) => each.rules === rules)
      for (const { network } of stale) network.close()
      const network = takeOpen()
      void refill()
      return network ?? (await make(rules))
    },
    stop() {
      stopping.abort()
      for (const { network } of ready) network.close()
      ready = []
      maker.stop()
    },
  }
}

/** Whether any user may use a device, as udev makes it for this one. */
function isOpenToAll(device: string): boolean {
  const READ_AND_WRITE = 0o006
  return (statSync(device).mode & READ_AND_WRITE) === READ_AND_WRITE
}
