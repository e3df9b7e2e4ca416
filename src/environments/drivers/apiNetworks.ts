import type { OutboundNetwork, SandboxNetwork } from '../../network/contract.ts'
import { Stock } from '../../stock.ts'
import type { HostTree } from './bubblewrapArguments.ts'
import type { RuntimeApiAccess } from './contract.ts'
import { openInNetwork } from './openRuntimeApi.ts'

/** A network in which a Runtime API listens already. */
export interface ApiNetwork {
  readonly network: SandboxNetwork
  readonly api: RuntimeApiAccess
}

/** Opening one is a start of Node.js; those who use custom runtimes rarely start many at once. */
const SPARE = 2

/**
 * Networks with the socket of a Runtime API, made ahead as soon as somebody has needed one: opening it takes longer than
 * most custom runtimes take to start. Only a service that is root may enter a network to do so.
 */
export function createApiNetworks(
  outbound: OutboundNetwork,
  host: HostTree,
  onError: (error: unknown) => void,
): Stock<ApiNetwork> {
  const networks = new Stock<ApiNetwork>({
    size: SPARE,
    async make() {
      const network = await outbound.take()
      try {
        const made = { network, api: await openInNetwork(network, host) }
        void network.closed.then(() => networks.drop(made))
        return made
      } catch (error) {
        network.close()
        throw error
      }
    },
    isFresh: ({ network }) => network.isCurrent(),
    discard({ network, api }) {
      api.close()
      api.socket.close()
      network.close()
    },
    onError,
  })
  return networks
}
