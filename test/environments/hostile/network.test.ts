import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync, readlinkSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OutboundNetwork } from '../../../src/network/contract.ts'
import { createOutboundNetwork } from '../../../src/network/createOutboundNetwork.ts'
import { localNetworks } from '../../../src/network/localNetworks.ts'
import { type Attacked, createAttacked } from './attack.ts'

/** What another machine would be: every address at which this one can listen is its own. */
const address = Object.values(networkInterfaces())
  .flatMap((each) => each ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)!.address

const onError = (error: unknown) => console.error(error)
const local = () => localNetworks(readFileSync('/proc/net/fib_trie', 'latin1'))

/** Tries addresses by the ways that `ways` names, and answers with those that a byte came back from. */
const KNOCK = `
import socket, struct
SO_BINDTODEVICE, IP_PKTINFO, IP_UNICAST_IF = 25, 8, 50
def tcp(target, prepare=lambda client: None):
    with socket.socket() as client:
        client.settimeout(0.5)
        prepare(client)
        client.connect(target)
        return client.recv(64).decode()
def udp(target, ancillary=[]):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(0.3)
        client.sendmsg([b'knock'], ancillary, 0, target)
        return client.recv(64).decode()
def interface():
    return next((name for _, name in socket.if_nameindex() if name != 'lo'), 'lo')
def index():
    return socket.if_nametoindex(interface())
WAYS = {
    'tcp': tcp,
    'a bound socket': lambda target: tcp(target, lambda client: client.setsockopt(
        socket.SOL_SOCKET, SO_BINDTODEVICE, interface().encode())),
    'a chosen interface': lambda target: tcp(target, lambda client: client.setsockopt(
        socket.IPPROTO_IP, IP_UNICAST_IF, struct.pack('!I', index()))),
    'a source route': lambda target: tcp(('169.254.100.2', target[1]), lambda client: client.setsockopt(
        socket.IPPROTO_IP, socket.IP_OPTIONS, bytes([1, 131, 7, 4]) + socket.inet_aton(target[0]))),
    'udp': udp,
    'a chosen interface for one datagram': lambda target: udp(target, [
        (socket.IPPROTO_IP, IP_PKTINFO, struct.pack('=I4s4s', index(), bytes(4), bytes(4)))]),
}
def handler(event, context):
    reached = []
    for host, port in event['targets']:
        for name, way in WAYS.items():
            try:
                way((host, port))
                reached.append([host, name])
            except (OSError, UnicodeError):
                pass
    return reached
`
/** Those that lead to an address that is allowed; the other is for one that is not. */
const WAYS = ['tcp', 'a bound socket', 'a chosen interface', 'udp', 'a chosen interface for one datagram']

describe('the network of a function', () => {
  let server: Server
  let datagrams: Socket
  let port: number
  let world: OutboundNetwork
  let outbound: OutboundNetwork
  /** In the first the address of the server counts as another machine's; in the second the rules are the real ones. */
  let inWorld: Attacked
  let attacked: Attacked
  beforeAll(async () => {
    server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.write('hello')
      socket.pipe(socket)
    }).listen(0, '0.0.0.0')
    await once(server, 'listening')
    port = (server.address() as { port: number }).port
    datagrams = createSocket('udp4', (message, from) => datagrams.send(message, from.port, from.address))
    datagrams.bind(port, '0.0.0.0')
    await once(datagrams, 'listening')
    const others = () => local().filter((network) => network !== `${address}/32`)
    ;[world, outbound] = await Promise.all([
      createOutboundNetwork({ onError, local: others }),
      createOutboundNetwork({ onError }),
    ])
    inWorld = createAttacked({}, world)
    attacked = createAttacked({}, outbound)
  })
  afterAll(async () => {
    await Promise.all([inWorld[Symbol.asyncDispose](), attacked[Symbol.asyncDispose]()])
    server.close()
    datagrams.close()
  })

  it('reaches another machine, and hears of it at once where nobody listens', async () => {
    const reached = await inWorld.attack(inWorld.python(KNOCK), { targets: [[address, port]] })
    expect(reached.value).toEqual(WAYS.map((way) => [address, way]))
    const refused = await inWorld.run(
      inWorld.node(`
        const { once } = require('node:events')
        const socket = require('node:net').connect(1, '${address}')
        return once(socket, 'connect').then(() => 'connected', (error) => error.code)`),
    )
    expect(refused.value).toBe('ECONNREFUSED')
  })

  it('moves bytes both ways, many of them', async () => {
    const { value } = await inWorld.run(
      inWorld.node(`
        const socket = require('node:net').connect(${port}, '${address}')
        const size = 8 << 20
        socket.end(Buffer.alloc(size, 1))
        let count = 0
        for await (const chunk of socket) count += chunk.length
        return count - size`),
    )
    expect(value).toBe('hello'.length)
  })

  it('resolves names by the resolver of the host, which it reaches on no other port', async () => {
    const { value } = await inWorld.run(
      inWorld.python(`
import socket
def handler(event, context):
    with open('/etc/resolv.conf') as file:
        resolver = file.read().split()[1]
    # A question for the name servers of the root: any resolver answers it, if only that it will not.
    question = b'\\x12\\x34\\x01\\x00\\x00\\x01' + bytes(6) + b'\\x00\\x00\\x02\\x00\\x01'
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        client.sendto(question, (resolver, 53))
        answer = client.recv(4096)
    with socket.socket() as client:
        client.settimeout(1)
        return [answer[:2].hex(), resolver, client.connect_ex((resolver, event['port'])) == 0]
`),
      { port },
    )
    expect(value).toEqual(['1234', '169.254.100.3', false])
  })

  it('reaches nothing of the machine that it runs on, no metadata service, and no IPv6', async () => {
    const ownAddresses = local()
      .filter((network) => network.endsWith('/32'))
      .map((network) => network.slice(0, -3))
    const hosts = [...ownAddresses, '0.0.0.0', '169.254.100.2', '169.254.100.3', '255.255.255.255']
    const elsewhere = ['169.254.169.254', '168.63.129.16', '100.100.100.200', '224.0.0.251']
    const targets = [...hosts.map((host) => [host, port]), ...elsewhere.map((host) => [host, 80])]
    const { value } = await attacked.attack(attacked.python(KNOCK, { timeoutMs: 60_000 }), { targets })
    expect(value).toEqual([])
    const { value: errors } = await attacked.run(
      attacked.python(`
import socket
def handler(event, context):
    errors = []
    for host in event:
        with socket.socket(socket.AF_INET6) as client:
            client.settimeout(1)
            errors.append(client.connect_ex((host, 80)) != 0)
    return errors
`),
      ['fe80::1%tap0', 'fd00:ec2::254', '2606:4700:4700::1111', `::ffff:${address}`],
    )
    expect(errors).toEqual([true, true, true, true])
  })

  it('is not the business of the function: it can change no rule, address or route, and see no packet', async () => {
    const { value } = await attacked.attack(
      attacked.python(`
import socket, struct, subprocess
def attempt(call):
    try:
        call()
        return 'done'
    except OSError as error:
        return error.strerror
def handler(event, context):
    commands = [['nft', 'flush', 'ruleset'], ['ip', 'route', 'add', '127.0.0.2', 'dev', 'tap0'],
                ['ip', 'addr', 'add', '169.254.100.50/24', 'dev', 'tap0'], ['ip', 'link', 'set', 'tap0', 'down'],
                ['ip', 'neigh', 'add', '169.254.169.254', 'lladdr', '52:55:0a:00:02:02', 'dev', 'tap0']]
    find = lambda name: ['/usr/sbin/' + name, '/sbin/' + name]
    def run(command):
        for program in find(command[0]):
            try:
                return subprocess.run([program] + command[1:], capture_output=True).returncode
            except FileNotFoundError:
                pass
        return 'missing'
    return {'raw': attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)),
            'packet': attempt(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW)),
            'commands': [run(command) for command in commands]}
`),
    )
    const { raw, packet, commands } = value as { raw: string; packet: string; commands: (number | string)[] }
    expect([raw, packet]).toEqual(['Operation not permitted', 'Operation not permitted'])
    for (const status of commands) expect(status).not.toBe(0)
  })

  it('is of no two environments: neither reaches the other', async () => {
    const { value } = await inWorld.run(inWorld.python(KNOCK), {
      targets: [
        ['169.254.100.100', 9001],
        ['169.254.100.15', 9001],
      ],
    })
    expect(value).toEqual([])
    const names = `return require('node:fs').readlinkSync('/proc/self/ns/net')`
    const [one, other] = await Promise.all([inWorld.run(inWorld.node(names)), inWorld.run(inWorld.node(names))])
    expect(one.value).not.toBe(other.value)
    expect([one.value, other.value]).not.toContain(readlinkSync('/proc/self/ns/net'))
  })

  it('is nothing but a loopback where the function has no access', async () => {
    const { value } = await inWorld.attack(inWorld.python(KNOCK, { networkAccess: 'NONE' }), {
      targets: [
        [address, port],
        ['127.0.0.1', port],
        ['169.254.100.2', port],
        ['169.254.100.3', 53],
      ],
    })
    expect(value).toEqual([])
    const { value: names } = await inWorld.run(
      inWorld.node(
        `const { existsSync } = require('node:fs')
         return [Object.keys(require('node:os').networkInterfaces()), existsSync('/etc/resolv.conf')]`,
        { networkAccess: 'NONE' },
      ),
    )
    expect(names).toEqual([['lo'], false])
  })

  it('sends nothing while the function is frozen, over a socket that it kept', async () => {
    const arrivals: number[] = []
    const listener = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.on('data', () => arrivals.push(performance.now()))
    }).listen(0, '0.0.0.0')
    await once(listener, 'listening')
    const spec = inWorld.node(`
      if (globalThis.kept === undefined) {
        const socket = require('node:net').connect(event.port, '${address}')
        await require('node:events').once(socket, 'connect')
        globalThis.kept = socket
        setInterval(() => socket.write('tick'), 2)
      }
      await new Promise((done) => setTimeout(done, 50))
      return kept.writable`)
    const event = { port: (listener.address() as { port: number }).port }
    expect((await inWorld.run(spec, event)).value).toBe(true)
    const QUIET_MS = 400
    const begin = performance.now()
    while (performance.now() - begin < QUIET_MS) await new Promise((resolve) => setTimeout(resolve, 20))
    // It is frozen when it has had nothing to do for 20 ms; what is on its way then still comes.
    const late = arrivals.filter((at) => at > begin + QUIET_MS / 2)
    expect(arrivals.length).toBeGreaterThan(3)
    expect(late).toEqual([])
    const again = await inWorld.run(spec, event)
    expect([again.isColdStart, again.value]).toEqual([false, true])
    expect(arrivals.some((at) => at > begin + QUIET_MS)).toBe(true)
    listener.close()
  })
})
