import { type ChildProcess, spawn } from 'node:child_process'
import { PlatformFault } from '../../errors.ts'

const LONGEST_MS = 10_000

/** Number of the first descriptor that a program is given besides. */
export const FIRST_DESCRIPTOR = 4

/**
 * Starts a program that hands a server or a connection over, as Node.js does between processes, and ends. It finds copies
 * of these descriptors, from 4 on. Rejects with a PlatformFault in the words that it left behind where it did not.
 */
export function startHandOver<Handle>(command: readonly string[], descriptors: readonly number[]): Promise<Handle> {
  const [program, ...args] = command
  const child = spawn(program!, args, {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc', ...descriptors],
    env: {},
    cwd: '/',
    timeout: LONGEST_MS,
    killSignal: 'SIGKILL',
  })
  let complaint = ''
  child.stderr!.on('data', (chunk: Buffer) => {
    complaint += chunk.toString('utf8')
  })
  return handedOver(child, () => complaint.trim())
}

/** What a child hands over; rejects with a PlatformFault for the reason that is told where it ends before it has. */
export function handedOver<Handle>(child: ChildProcess, reason: () => string): Promise<Handle> {
  return new Promise((resolve, reject) => {
    child.once('message', (_message, handle) => resolve(handle as Handle))
    child.once('error', (error) => reject(new PlatformFault(error.message)))
    child.once('close', () => reject(new PlatformFault(reason())))
  })
}
