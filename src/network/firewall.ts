/** The network between a sandbox and its gateway: link-local, as AWS's own is, so that it hides nothing that is routed. */
export const SANDBOX_NETWORK = '169.254.100.0/24'
/** Where names are resolved: the host's own resolver answers, wherever it listens. */
export const RESOLVER_ADDRESS = '169.254.100.3'

/**
 * Where no function may go, whatever the host's addresses are: this network, loopback, link-local with the metadata
 * services of most clouds, multicast, reserved and broadcast addresses, and the metadata services that stand elsewhere,
 * those of Azure, Oracle and Alibaba.
 */
const NEVER = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/3',
  '168.63.129.16/32',
  '192.0.0.192/32',
  '100.100.100.200/32',
]

/**
 * The rules of a sandbox's network as a script of nft: out to any IPv4 address but those of the host (`local`, in CIDR
 * notation) and those that lead nowhere good; to the resolver on its port alone; no IPv6. They hold in the sandbox's own
 * namespace, where a function has no right to change them, and see every packet: a route could be walked around by a
 * socket that is bound to the interface.
 */
export function firewallRules(local: readonly string[]): string {
  const forbidden = [...new Set([...NEVER, ...local])]
  return `table inet lambdaql {
  set forbidden {
    type ipv4_addr
    flags interval
    auto-merge
    elements = { ${forbidden.join(', ')} }
  }
  chain leaving {
    type filter hook output priority filter; policy drop;
    oifname "lo" accept
    meta nfproto ipv6 reject with icmpx admin-prohibited
    ip daddr ${RESOLVER_ADDRESS} udp dport 53 accept
    ip daddr ${RESOLVER_ADDRESS} tcp dport 53 accept
    ip daddr @forbidden reject with icmpx admin-prohibited
    accept
  }
}`
}
