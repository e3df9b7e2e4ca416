/**
 * The networks that lead to the host itself, from the text of /proc/net/fib_trie: every local address, of interfaces that
 * are down or idle too, which no list of interfaces has, and every broadcast address. In CIDR notation, sorted.
 * https://docs.kernel.org/networking/fib_trie.html
 */
export function localNetworks(fibTrie: string): string[] {
  const found = new Set<string>()
  let address = ''
  for (const line of fibTrie.split('\n')) {
    address = /\|-- (\S+)/.exec(line)?.[1] ?? address
    const length = /^\s+\/(\d+) \S+ (?:LOCAL|BROADCAST)\b/.exec(line)?.[1]
    if (length !== undefined) found.add(`${address}/${length}`)
  }
  return [...found].sort()
}
