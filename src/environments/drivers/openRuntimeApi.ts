import type { ChildProcess } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import type { Server, Socket } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import { PlatformFault } from '../../errors.ts'
import type { Namespaces, SandboxNetwork } from '../../network/contract.ts'
import { type HostTree, RUNTIME_API_DESCRIPTOR, RUNTIME_API_PORT, type Unprivileged } from './bubblewrapArguments.ts'
import type { RuntimeApiAccess } from './contract.ts'
import { FIRST_DESCRIPTOR, handedOver, startHandOver } from './handOver.ts'

const NSENTER = '/usr/bin/nsenter'

/**
 * How the socket of a sandbox's Runtime API gets from its network namespace to the service. A service that is root
 * enters the namespace for a moment while the command of the sandbox waits. One that is not may not: the sandbox itself
 * opens the socket before it becomes the command.
 */
export function runtimeApiStdio({ kind }: Unprivileged): 'pipe' | 'ipc' {
  return kind === 'SWITCH' ? 'pipe' : 'ipc'
}

/** The Runtime API of a sandbox that will be started in a network. Rejects with a PlatformFault where there is none. */
export async function openInNetwork(
  { namespaces }: SandboxNetwork,
  { listener, connector }: Pick<HostTree, 'listener' | 'connector'>,
): Promise<RuntimeApiAccess> {
  try {
    const socket = await startInside<Server>(namespaces, [listener, String(RUNTIME_API_PORT)])
    return { socket, ...wayInto(namespaces, connector) }
  } catch (error) {
    throw notOpened(error as Error)
  }
}

/**
 * The Runtime API of a sandbox that was just started: its socket, listening, which only processes of that sandbox can
 * connect to, and the way back. Rejects with a PlatformFault, having ended the sandbox, where there is none.
 */
export async function openRuntimeApi(
  sandbox: ChildProcess,
  status: Readable,
  { listener, connector }: Pick<HostTree, 'listener' | 'connector'>,
  unprivileged: Unprivileged,
  network: SandboxNetwork | null,
): Promise<RuntimeApiAccess> {
  try {
    if (unprivileged.kind === 'NAMESPACE') {
      const socket = await handedOver<Server>(sandbox, () => 'its listener did not start')
      // The namespaces of a sandbox without a network belong to a user that the service is not.
      if (network === null) return { socket, connect: null, close: () => undefined }
      return { socket, ...wayInto(network.namespaces, connector) }
    }
    // Held open: the number of a process that has ended may become that of another.
    const namespace = openSync(`/proc/${await firstProcessOf(status)}/ns/net`, 'r')
    try {
      const namespaces = { user: null, net: namespace }
      const socket = await startInside<Server>(namespaces, [listener, String(RUNTIME_API_PORT)])
      const streams: readonly unknown[] = sandbox.stdio
      ;(streams[RUNTIME_API_DESCRIPTOR] as Writable).on('error', () => undefined).end('go')
      const { connect, close } = wayInto(namespaces, connector)
      return {
        ...{ socket, connect },
        close() {
          close()
          closeSync(namespace)
        },
      }
    } catch (error) {
      closeSync(namespace)
      throw error
    }
  } catch (error) {
    sandbox.kill('SIGKILL')
    throw notOpened(error as Error)
  }
}

function notOpened(cause: Error): PlatformFault {
  return new PlatformFault(`the Runtime API of a sandbox could not be opened: ${cause.message}`, { cause })
}

/** Connects as long as the sandbox is there: descriptors that are closed may be another's the next moment. */
function wayInto(namespaces: Namespaces, connector: string): Pick<RuntimeApiAccess, 'connect' | 'close'> {
  let isClosed = false
  return {
    connect: async (port) => {
      if (isClosed) throw new PlatformFault('the sandbox has ended')
      return startInside<Socket>(namespaces, [connector, String(port)])
    },
    close() {
      isClosed = true
    },
  }
}

/** Runs a program of Node.js in namespaces that it is given copies of. */
function startInside<Handle>({ user, net }: Namespaces, program: readonly string[]): Promise<Handle> {
  const ofUser = user === null ? [] : [`--user=/proc/self/fd/${FIRST_DESCRIPTOR + 1}`, '--preserve-credentials']
  const enter = [NSENTER, `--net=/proc/self/fd/${FIRST_DESCRIPTOR}`, ...ofUser, '--']
  return startHandOver<Handle>([...enter, process.execPath, ...program], user === null ? [net] : [net, user])
}

/** What bubblewrap says as soon as the namespaces are there. */
function firstProcessOf(status: Readable): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = ''
    status.on('data', (chunk) => {
      text += String(chunk)
      const found = /"child-pid": (\d+)/.exec(text)?.[1]
      if (found !== undefined) resolve(Number(found))
    })
    status.once('end', () => reject(new PlatformFault('the sandbox could not be made')))
  })
}
