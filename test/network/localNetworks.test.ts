import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { describe, expect, it } from 'vitest'
import { localNetworks } from '../../src/network/localNetworks.ts'

/** As Linux 6.18 writes it, with a bridge that is down, and a range that was made local by hand. */
const TRIE = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 192.0.2.0/24 2 0 2
        +-- 192.0.2.0/30 2 0 2
           |-- 192.0.2.0
              /24 link UNICAST
           |-- 192.0.2.2
              /32 host LOCAL
        |-- 192.0.2.255
           /32 link BROADCAST
     |-- 172.17.0.1
        /32 host LOCAL
Local:
  +-- 0.0.0.0/0 3 0 5
     +-- 127.0.0.0/31 1 0 0
        |-- 127.0.0.0
           /8 host LOCAL
           /24 link UNICAST
        |-- 127.0.0.1
           /32 host LOCAL
     |-- 192.0.2.2
        /32 host LOCAL
     |-- 198.51.100.0
        /24 host LOCAL
`

describe('the networks that lead to the host', () => {
  it('are the local addresses and ranges of all its interfaces and their broadcast addresses, and no others', () => {
    expect(localNetworks(TRIE)).toEqual([
      '127.0.0.0/8',
      '127.0.0.1/32',
      '172.17.0.1/32',
      '192.0.2.2/32',
      '192.0.2.255/32',
      '198.51.100.0/24',
    ])
  })

  it('has every IPv4 address that this machine knows itself by', () => {
    const addresses = Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .filter(({ family }) => family === 'IPv4')
      .map(({ address }) => `${address}/32`)
    expect(localNetworks(readFileSync('/proc/net/fib_trie', 'latin1'))).toEqual(expect.arrayContaining(addresses))
  })
})
