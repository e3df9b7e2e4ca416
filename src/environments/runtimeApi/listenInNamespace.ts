import { spawn } from 'node:child_process'
import type { Server } from 'node:net'
import { join } from 'node:path'
import { PlatformFault } from '../../errors.ts'
import { INSTALLATION_FOLDER } from '../../installation.ts'

const PROGRAM = join(INSTALLATION_FOLDER, 'src', 'environments', 'runtimeApi', 'listenInNamespace.cjs')
const LONGEST_START_MS = 10_000

/**
 * A socket of this process that listens on 127.0.0.1 of the network namespace that another process is in: only who is in
 * that namespace can connect to it. Nothing stays behind in the namespace but the socket. Rejects with a PlatformFault
 * where the namespace cannot be entered, for example because the process has ended.
 */
export async function listenInNamespace(pid: number, port: number): Promise<Server> {
  const child = spawn('/usr/bin/nsenter', [...namespacesOf(pid), '--', process.execPath, PROGRAM, String(port)], {
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
  return new Promise((resolve, reject) => {
    child.once('message', (_message, handle) => resolve(handle as Server))
    child.once('error', (error) => reject(fault(error.message)))
    child.once('close', () => reject(fault(complaint.trim())))
  })
}

function fault(reason: string): PlatformFault {
  return new PlatformFault(`the Runtime API could not be opened inside a sandbox: ${reason}`)
}

/** Who is not root needs the rights of the sandbox's own user namespace to enter its network. */
function namespacesOf(pid: number): string[] {
  const network = `--net=/proc/${pid}/ns/net`
  return process.getuid?.() === 0 ? [network] : [`--user=/proc/${pid}/ns/user`, '--preserve-credentials', network]
}
