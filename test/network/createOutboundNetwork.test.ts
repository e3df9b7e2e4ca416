import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { StartFault } from '../../src/errors.ts'
import type { SandboxNetwork } from '../../src/network/contract.ts'
import { createOutboundNetwork } from '../../src/network/createOutboundNetwork.ts'
import { findPrograms } from '../../src/network/findPrograms.ts'
import { createNetworkMaker } from '../../src/network/networkMaker.ts'
import { temporaryFolder } from '../kit/temporaryFolder.ts'

const onError = (error: unknown) => console.error(error)

async function inside(network: Pick<SandboxNetwork, 'enter'>, ...command: string[]): Promise<string> {
  const [program, ...args] = [...network.enter, ...command]
  return (await promisify(execFile)(program!, args)).stdout.trim()
}

/** The programs that carry networks of this process, by their ids. */
function carriers(): number[] {
  const all = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => {
        try {
          const [, name, parent] = /\((.*)\) . (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))!
          return [[Number(pid), { name: name!, parent: Number(parent) }] as const]
        } catch {
          return []
        }
      }),
  )
  const isOwn = (pid: number): boolean => pid === process.pid || (all.has(pid) && isOwn(all.get(pid)!.parent))
  return [...all].filter(([pid, { name }]) => name === 'slirp4netns' && isOwn(pid)).map(([pid]) => pid)
}

/** Looks after a turn at least: that processes have ended is seen before their parent has been told of each. */
async function until(condition: () => boolean): Promise<void> {
  do await new Promise((resolve) => setTimeout(resolve, 5))
  while (!condition())
}

describe('networks for sandboxes', () => {
  it('are each handed out once, and have what they need when they are', async () => {
    const outbound = await createOutboundNetwork({ onError })
    const networks = await Promise.all(Array.from({ length: 6 }, () => outbound.take()))
    const namespaces = await Promise.all(networks.map((each) => inside(each, 'readlink', '/proc/self/ns/net')))
    expect(new Set([...namespaces, readlinkSync('/proc/self/ns/net')]).size).toBe(7)
    expect(await inside(networks[0]!, 'ip', 'route')).toContain('default via 169.254.100.2 dev tap0')
    expect(await inside(networks[0]!, 'nft', 'list', 'ruleset')).toContain('policy drop')
    for (const network of networks) network.close()
    await Promise.all(networks.map(({ closed }) => closed))
    outbound.stop()
    await until(() => carriers().length === 0)
  })

  it('are thrown away where the host has got another address since', async () => {
    let own = ['198.51.100.1/32']
    const outbound = await createOutboundNetwork({ onError, local: () => own })
    await until(() => carriers().length > 2)
    own = ['198.51.100.1/32', '198.51.100.2/32']
    const network = await outbound.take()
    expect(await inside(network, 'nft', 'list', 'ruleset')).toContain('198.51.100.1-198.51.100.2')
    network.close()
    outbound.stop()
    await until(() => carriers().length === 0)
  })

  it('are not handed out when their way out has died meanwhile', async () => {
    const outbound = await createOutboundNetwork({ onError })
    const network = await outbound.take()
    await until(() => carriers().length > 2)
    const killed = carriers()
    for (const pid of killed) process.kill(pid, 'SIGKILL')
    await network.closed
    await until(() => !carriers().some((pid) => killed.includes(pid)))
    const next = await outbound.take()
    expect(await inside(next, 'ip', '-brief', 'addr', 'show', 'tap0')).toContain('169.254.100.100')
    network.close()
    next.close()
    outbound.stop()
    await until(() => carriers().length === 0)
  })

  it('run as nobody who has rights on the host', async () => {
    const outbound = await createOutboundNetwork({ onError })
    const [pid] = carriers()
    const status = readFileSync(`/proc/${pid}/status`, 'latin1')
    const field = (name: string) => new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(status)?.[1]
    expect(Number(field('Uid')!.split('\t')[0])).toBeGreaterThan(0)
    expect([field('NoNewPrivs'), field('Seccomp')]).toEqual(['1', '2'])
    // Of its own user namespace, which has no more to it than one network namespace.
    expect(readlinkSync(`/proc/${pid}/ns/user`)).not.toBe(readlinkSync('/proc/self/ns/user'))
    outbound.stop()
  })

  it('have a device of their own where that of the host is closed to their users', async () => {
    const maker = createNetworkMaker(findPrograms(), true)
    const network = await maker.make({ uid: 265_536, rules: 'table inet filter' })
    expect(await inside(network, 'ip', '-brief', 'addr', 'show', 'tap0')).toContain('169.254.100.100')
    network.close()
    maker.stop()
    await until(() => carriers().length === 0)
  })

  it('fail at once, in the words of the program that did', async () => {
    using folder = temporaryFolder()
    const slirp4netns = join(folder.path, 'slirp4netns')
    writeFileSync(slirp4netns, '#!/bin/sh\necho "no such luck" >&2\nexit 1\n', { mode: 0o755 })
    chmodSync(folder.path, 0o755)
    const maker = createNetworkMaker({ ...findPrograms(), slirp4netns }, false)
    const beganMs = performance.now()
    await expect(maker.make({ uid: null, rules: '' })).rejects.toThrow('a network could not be made: no such luck')
    expect(performance.now() - beganMs).toBeLessThan(5_000)
    maker.stop()
  })

  it('cannot be had without the programs: what to install is said', () => {
    using folder = temporaryFolder()
    mkdirSync(join(folder.path, 'bin'))
    for (const name of ['nsenter', 'setpriv', 'unshare']) writeFileSync(join(folder.path, 'bin', name), '')
    const find = () => findPrograms([join(folder.path, 'bin')])
    expect(find).toThrow(StartFault)
    expect(find).toThrow('nft, slirp4netns not found; install it (apt-get install nftables slirp4netns)')
  })
})
