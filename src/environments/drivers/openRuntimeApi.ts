import { type ChildProcess, spawn } from 'node:child_process'
import type { Server } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import { PlatformFault } from '../../errors.ts'
import { RUNTIME_API_DESCRIPTOR, RUNTIME_API_PORT, type Unprivileged } from './bubblewrapArguments.ts'

const LONGEST_START_MS = 10_000

/**
 * How the socket of a sandbox's Runtime API gets from its network namespace to the service. A service that is root
 * enters the namespace for a moment while the command of the sandbox waits. One that is not may not: the sandbox itself
 * opens the socket before it becomes the command.
 */
export function runtimeApiStdio({ kind }: Unprivileged): 'pipe' | 'ipc' {
  return kind === 'SWITCH' ? 'pipe' : 'ipc'
}

/**
 * The socket of the Runtime API of a sandbox that was just started, listening; only processes of that sandbox can
 * connect to it. Rejects with a PlatformFault, having ended the sandbox, where there is none.
 */
export async function openRuntimeApi(
  sandbox: ChildProcess,
  status: Readable,
  listener: string,
  unprivileged: Unprivileged,
): Promise<Server> {
  try {
    if (unprivileged.kind === 'NAMESPACE') return await socketFrom(sandbox, () => 'its listener did not start')
    const server = await listenInNamespace(await firstProcessOf(status), listener)
    const streams: readonly unknown[] = sandbox.stdio
    ;(streams[RUNTIME_API_DESCRIPTOR] as Writable).on('error', () => undefined).end('go')
    return server
  } catch (error) {
    sandbox.kill('SIGKILL')
    throw error
  }
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
    status.once('end', () => reject(fault('the sandbox could not be made')))
  })
}

function listenInNamespace(pid: number, listener: string): Promise<Server> {
  const command = [process.execPath, listener, String(RUNTIME_API_PORT)]
  const child = spawn('/usr/bin/nsenter', [`--net=/proc/${pid}/ns/net`, '--', ...command], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: {},
    cwd: '/',
    timeout: LONGEST_START_MS,
    killSignal: 'SIGKILL',
  })
  let complaint = ''
  child.stderr!.on('data', (chunk: Buffer) => {
    complaint += chunk.toString('utf8')
  })
  return socketFrom(child, () => complaint.trim())
}

function socketFrom(child: ChildProcess, reason: () => string): Promise<Server> {
  return new Promise((resolve, reject) => {
    child.once('message', (_message, handle) => resolve(handle as Server))
    child.once('error', (error) => reject(fault(error.message)))
    child.once('close', () => reject(fault(reason())))
  })
}

function fault(reason: string): PlatformFault {
  return new PlatformFault(`the Runtime API of a sandbox could not be opened: ${reason}`)
}
