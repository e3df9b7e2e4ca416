import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createAttacked } from './attack.ts'

const attacked = createAttacked()
afterAll(() => attacked[Symbol.asyncDispose]())

describe('a function has no rights on the host', () => {
  it('it has no capabilities, cannot gain any, is filtered, and is an unprivileged user of the host', async () => {
    const { value } = await attacked.attack(
      attacked.node(`return require('node:fs').readFileSync('/proc/self/status', 'latin1')`),
    )
    const status = Object.fromEntries(
      String(value)
        .split('\n')
        .map((line) => line.split(':\t', 2) as [string, string]),
    )
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) expect(Number(`0x${status[set]}`)).toBe(0)
    expect(status['NoNewPrivs']).toBe('1')
    expect(status['Seccomp']).toBe('2')
    expect(status['Groups']?.trim()).toBe('')
    const uids = status['Uid']!.split('\t').map(Number)
    const gids = status['Gid']!.split('\t').map(Number)
    for (const id of [...uids, ...gids]) expect(id).toBeGreaterThanOrEqual(200_000)
    expect(new Set(uids).size).toBe(1)
  })

  it('two environments are different users', async () => {
    const body = 'return process.getuid()'
    const [one, other] = await Promise.all([attacked.run(attacked.node(body)), attacked.run(attacked.node(body))])
    expect(one.value).not.toBe(other.value)
  })

  it('it cannot become root', async () => {
    const { value } = await attacked.attack(
      attacked.python(`
import os
def attempt(call):
    try:
        call(0)
        return 'done'
    except OSError as error:
        return error.strerror
def handler(event, context):
    return [attempt(call) for call in (os.setuid, os.setgid, os.seteuid, os.setegid)]
`),
    )
    expect(value).toEqual(Array(4).fill('Operation not permitted'))
  })
})

describe('a function sees only what is its own', () => {
  it('it has no descriptors but its streams and the two that its runtime talks over', async () => {
    const { value } = await attacked.attack(
      attacked.python(`
import os
def handler(event, context):
    links = {}
    for name in os.listdir('/proc/self/fd'):
        try:
            links[name] = os.readlink('/proc/self/fd/' + name).split(':')[0]
        except OSError:
            pass
    return links
`),
    )
    const { 0: input, 1: stdout, 2: stderr, 3: requests, 4: answers, ...others } = value as Record<string, string>
    expect(input).toBe('/dev/null')
    // Named pipes, of names that are gone.
    for (const stream of [stdout, stderr, requests, answers]) expect(stream).toMatch(/\/[0-9a-f]{16}\.\d \(deleted\)$/)
    // In place of what the service itself was started with.
    for (const target of Object.values(others)) expect(target).toBe('/dev/null')
  })

  it('it cannot read the files of the host, of the service or of other functions', async () => {
    const secretFolder = mkdtempSync(join(tmpdir(), 'lambdaql-secret-'))
    writeFileSync(join(secretFolder, 'secret-of-the-host'), 'x', { mode: 0o644 })
    const other = attacked.spec({
      'index.js': `exports.handler = async () => require('node:fs').writeFileSync('/tmp/secret-of-another', 'x')`,
      'secret-of-another-code': 'x',
    })
    await attacked.run(other)
    const { value } = await attacked.attack(
      attacked.python(
        `
import os
def readable(path):
    try:
        with open(path, 'rb') as file:
            return len(file.read(1)) == 1
    except OSError:
        return False
def handler(event, context):
    found = []
    for folder, folders, files in os.walk('/'):
        if folder in ('/proc', '/usr/share'):
            folders.clear()
        found += [os.path.join(folder, name) for name in files if name.startswith('secret-of')]
    closed = ['/etc/shadow', '/root/.bashrc', '/var/lib/dpkg/status', '/etc/hostname', '/proc/kcore', '/dev/mem', '/dev/kmsg']
    return {
        'found': found,
        'read': [path for path in closed if readable(path)],
        'root': sorted(os.listdir('/')),
        'var': sorted(os.listdir('/var')),
        'home': os.path.exists('/home') or os.path.exists('/root') or os.path.exists('/work'),
    }
`,
        { timeoutMs: 30_000, memoryMiB: 1024 },
      ),
    )
    rmSync(secretFolder, { recursive: true })
    expect(value).toMatchObject({ found: [], read: [], home: false })
    expect((value as { var: string[] }).var.filter((name) => name !== 'lang')).toEqual(['runtime', 'task'])
  })

  it('it sees no processes but its own, and cannot read the variables of another', async () => {
    const marker = 'a-value-that-only-the-service-has'
    process.env['HOSTILE_TEST_MARKER'] = marker
    const { value } = await attacked.attack(
      attacked.node(`
        const { readdirSync, readFileSync } = require('node:fs')
        const read = (path) => { try { return readFileSync(path, 'latin1') } catch { return '' } }
        const pids = readdirSync('/proc').filter((name) => /^\\d+$/.test(name))
        return {
          count: pids.length,
          commands: pids.map((pid) => read('/proc/' + pid + '/comm').trim()),
          leaks: pids.filter((pid) => read('/proc/' + pid + '/environ').includes('${marker}')),
        }
      `),
    )
    delete process.env['HOSTILE_TEST_MARKER']
    const { count, commands, leaks } = value as { count: number; commands: string[]; leaks: string[] }
    expect(leaks).toEqual([])
    expect(count).toBeLessThanOrEqual(3)
    expect(commands).not.toContain('vitest')
  })

  it("the variables of a function are on no command line and in no other process' environment", async () => {
    const secret = 'a-secret-variable-of-a-function'
    const spec = attacked.node('return process.env.SECRET', { environment: { SECRET: secret } })
    const { readdirSync, readFileSync } = await import('node:fs')
    await using environment = await attacked.pool.reserve(spec, () => undefined, { waitMs: 20_000 })
    const read = (path: string) => {
      try {
        return readFileSync(path, 'latin1')
      } catch {
        return ''
      }
    }
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
    expect(pids.filter((pid) => read(`/proc/${pid}/cmdline`).includes(secret))).toEqual([])
    expect(environment.isColdStart).toBe(true)
  })

  it('it reaches no server of the host, neither by TCP nor by an abstract socket', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const { value } = await attacked.attack(
      attacked.python(`
import socket
def handler(event, context):
    reached = []
    for host in ('127.0.0.1', '10.0.0.1', '169.254.169.254', '1.1.1.1'):
        with socket.socket() as client:
            client.settimeout(1)
            if client.connect_ex((host, event['port'])) == 0:
                reached.append(host)
    return {'reached': reached, 'interfaces': [name for _, name in socket.if_nameindex()],
            'abstract': [line for line in open('/proc/net/unix').read().splitlines()[1:] if '@' in line]}
`),
      { port },
    )
    server.close()
    expect(value).toEqual({ reached: [], interfaces: ['lo'], abstract: [] })
  })

  it('it may write nowhere but in /tmp', async () => {
    const { value } = await attacked.attack(
      attacked.python(
        `
import os
def writable(folder):
    try:
        path = os.path.join(folder, '.attempt')
        open(path, 'w').close()
        os.unlink(path)
        return True
    except OSError:
        return False
def handler(event, context):
    found = []
    for folder, folders, files in os.walk('/'):
        if folder == '/proc':
            folders.clear()
        if writable(folder):
            found.append(folder)
    return {'folders': found, 'files': [path for path in ('/var/task/index.py', '/var/runtime/bootstrap.pyc', '/proc/sys/kernel/core_pattern', '/proc/sysrq-trigger', '/etc/passwd') if os.access(path, os.W_OK)]}
`,
        { timeoutMs: 30_000, memoryMiB: 1024 },
      ),
    )
    expect(value).toEqual({ folders: ['/tmp'], files: [] })
  })
})
