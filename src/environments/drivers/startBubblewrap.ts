import { spawnSync } from 'node:child_process'
import type { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { bubblewrapCall, type HostTree } from './bubblewrapArguments.ts'
import { type BubblewrapStart, exitCodeOf, type StartedBubblewrap } from './bubblewrapStart.ts'
import type { ChildEnd } from './sandboxChild.ts'
import type { ReadyProgram } from './starter.ts'

export interface StartBubblewrapOptions {
  readonly program: string
  readonly host: HostTree
}

const [STDOUT, STDERR, REQUESTS, ANSWERS] = [1, 2, 3, 4]
export const FILTER_DESCRIPTOR = 5
const ARGUMENTS_DESCRIPTOR = 6
const STATUS_DESCRIPTOR = 7

/** What a starter has to give bubblewrap, beside the filter of system calls. */
export const BUBBLEWRAP_PIPES = {
  inputs: [REQUESTS, ARGUMENTS_DESCRIPTOR],
  outputs: [STDOUT, STDERR, ANSWERS, STATUS_DESCRIPTOR],
  // It says that the sandbox's first process is there before it lets that go on: if it died of it, that would wait for ever.
  lastingOutputs: [STATUS_DESCRIPTOR],
} as const

/** What a shell has its programs ignore that it does not wait for, by POSIX. */
const IGNORED_SIGNALS = ['INT', 'QUIT']

/**
 * Whether this machine can: not every file system has named pipes, and not every `env` can give functions the signals back
 * that the shell has them ignore.
 */
export function canStartThroughShell(folder: string): boolean {
  const options = IGNORED_SIGNALS.map((name) => `--default-signal=${name}`)
  const script = 'mkfifo attempt && rm attempt && exec /usr/bin/env "$@" true'
  return spawnSync('/bin/sh', ['-c', script, 'sh', ...options], { cwd: folder, stdio: 'ignore' }).status === 0
}

/**
 * Has a process become bubblewrap that a shell has made ready, with named pipes as its streams. Not for sandboxes whose
 * Runtime API is still to be opened, nor for those that supervise others.
 */
export function startBubblewrap(
  { program, host }: StartBubblewrapOptions,
  { spec, user, network, api }: BubblewrapStart,
  { pid, become, kill }: ReadyProgram,
): StartedBubblewrap {
  const hasNetwork = network !== null
  const calling = { filterDescriptor: FILTER_DESCRIPTOR, hasNetwork, isApiOpen: true, ignoredSignals: IGNORED_SIGNALS }
  const { options, command } = bubblewrapCall(spec, host, user, calling)
  const descriptors = ['--json-status-fd', String(STATUS_DESCRIPTOR), '--args', String(ARGUMENTS_DESCRIPTOR)]
  const words = [...(network?.enter ?? []), program, ...descriptors, ...command]
  const { inputs, outputs } = become(words)
  const [requests, bubblewrapArguments] = BUBBLEWRAP_PIPES.inputs.map((each) => inputs.get(each)!) as [Socket, Socket]
  const [stdout, stderr, answers, statusStream] = BUBBLEWRAP_PIPES.outputs.map((each) => outputs.get(each)!) as [
    ...[Socket, Socket],
    ...[Socket, Socket],
  ]
  bubblewrapArguments.on('error', () => undefined)
  bubblewrapArguments.end(`${options.join('\0')}\0`)
  let isKilled = false
  const status = text(statusStream).catch(() => '')
  // It alone has the other end of that pipe, and is nobody's child who would be told of its end.
  const ended = status.then((said): ChildEnd => {
    requests.destroy()
    // What nobody has begun to read is nobody's.
    for (const stream of [stdout, stderr, answers]) stream.resume()
    const code = exitCodeOf(said)
    if (code !== null) return { code, signal: null }
    return isKilled || answers.bytesRead > 0 ? { code: null, signal: 'SIGKILL' } : { code: 1, signal: null }
  })
  const child = {
    ...{ pid, stdout, stderr, requests, answers, supervisor: null, ended },
    kill() {
      isKilled = true
      kill()
    },
  }
  return { child, status, runtimeApi: Promise.resolve(api) }
}
