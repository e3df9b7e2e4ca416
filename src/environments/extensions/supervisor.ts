import type { Readable, Writable } from 'node:stream'
import type { SandboxEnd } from '../drivers/contract.ts'
import { assignmentsLine } from '../runtimeApi/shellAssignments.ts'

/** The ways between the service and the shell that starts extensions and runtime in a sandbox. */
export interface SupervisorStreams {
  readonly orders: Writable
  readonly reports: Readable
  /** What extensions print, to standard output and standard error. */
  readonly output: Readable
}

/** What a supervisor tells the service. The function could tell it too: it harms nobody but itself. */
export interface SupervisorListener {
  onExtensionEnd(index: number, status: number): void
  onRuntimeEnd(status: number): void
}

const LONGEST_REPORT = 65_536

/** The command that starts `extensions` (paths inside the sandbox) and, beside them, the runtime's own command. */
export function supervisedCommand(script: string, extensions: readonly string[], command: readonly string[]): string[] {
  return ['/bin/sh', '-c', script, 'sh', String(extensions.length), ...extensions, ...command]
}

/** Variables of the function that are the runtime's alone. */
const OF_RUNTIME = ['_HANDLER', 'AWS_LAMBDA_LOG_GROUP_NAME', 'AWS_LAMBDA_LOG_STREAM_NAME']

/** Has the extensions started, with the function's variables, which are on no command line. */
export function startExtensions({ orders }: SupervisorStreams, variables: Readonly<Record<string, string>>): void {
  orders.on('error', () => undefined)
  const theirs = Object.fromEntries(Object.entries(variables).filter(([name]) => !OF_RUNTIME.includes(name)))
  orders.write(assignmentsLine(theirs))
}

/** Sends the runtime's process a signal. */
export function signalRuntime({ orders }: SupervisorStreams, signal: 'TERM' | 'KILL'): void {
  orders.write(`${signal}\n`)
}

/** Reads reports until there are no more; what is none is passed over. */
export async function readReports({ reports }: SupervisorStreams, listener: SupervisorListener): Promise<void> {
  let text = ''
  try {
    for await (const chunk of reports) {
      text = (text + String(chunk)).slice(-LONGEST_REPORT)
      const lines = text.split('\n')
      text = lines.pop() ?? ''
      for (const line of lines) report(line, listener)
    }
  } catch {
    // The sandbox is gone; its end is told elsewhere.
  }
}

function report(line: string, listener: SupervisorListener): void {
  const match = /^(?:RUNTIME|EXTENSION (\d{1,4})) (\d{1,3})$/.exec(line)
  if (match === null) return
  const [, index, status] = match
  if (index === undefined) listener.onRuntimeEnd(Number(status))
  else listener.onExtensionEnd(Number(index), Number(status))
}

const SIGNALS: Readonly<Record<number, NodeJS.Signals>> = {
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  15: 'SIGTERM',
}

/** How a process ended whose status a shell has told. */
export function endOfStatus(status: number): SandboxEnd {
  const signal = SIGNALS[status - 128] ?? null
  return { exitCode: signal === null ? status : null, signal, isOutOfMemory: false, wasStarted: true }
}
