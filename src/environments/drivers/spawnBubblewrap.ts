import { spawn } from 'node:child_process'
import type { Duplex, Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { bubblewrapCall, type HostTree, RUNTIME_API_DESCRIPTOR, type Unprivileged } from './bubblewrapArguments.ts'
import type { BubblewrapStart, StartedBubblewrap } from './bubblewrapStart.ts'
import { EXTENSIONS_DESCRIPTOR, REPORTS_DESCRIPTOR, type SandboxSpec } from './contract.ts'
import type { Stdio } from './coverInherited.ts'
import { openRuntimeApi, runtimeApiStdio } from './openRuntimeApi.ts'
import { spawnedChild } from './sandboxChild.ts'

export interface SpawnBubblewrapOptions {
  readonly program: string
  readonly host: HostTree
  /** The filter of system calls. */
  readonly filter: Buffer
  readonly cover: (stdio: readonly Stdio[]) => Stdio[]
}

/** Descriptors of bubblewrap: 3 and 4 belong to the function's protocol, 7 to 9 to extensions. */
const FILTER_DESCRIPTOR = 5
const ARGUMENTS_DESCRIPTOR = 6
const STATUS_DESCRIPTOR = 10

/**
 * Writes the shell into each control group up to `--`, says so, and becomes what stands behind it when it is told to. Where
 * the service has died meanwhile, and with it all members of its groups, nobody tells it.
 */
const JOIN_GROUPS = `
while [ "$1" != -- ]; do echo 0 >"$1" || exit; shift; done
shift
echo joined >&${FILTER_DESCRIPTOR}
read -r _ <&${FILTER_DESCRIPTOR} || exit
exec "$@"
`

/**
 * Starts bubblewrap as a child of this process, with sockets as its streams: it can hand over that of a Runtime API.
 * Before it is anything it writes itself into the control groups of these files.
 */
export async function spawnBubblewrap(
  { program, host, filter, cover }: SpawnBubblewrapOptions,
  { spec, user, network, api }: BubblewrapStart,
  memberFiles: readonly string[],
): Promise<StartedBubblewrap> {
  const calling = {
    filterDescriptor: FILTER_DESCRIPTOR,
    hasNetwork: network !== null,
    isApiOpen: api !== null,
    ignoredSignals: [],
  }
  const { options, command } = bubblewrapCall(spec, host, user, calling)
  // A member of the groups before it becomes bubblewrap, so that nothing of the sandbox is ever outside of them.
  const words = [
    ...['-c', JOIN_GROUPS, 'sh', ...memberFiles, '--', ...(network?.enter ?? [])],
    ...[program, '--json-status-fd', String(STATUS_DESCRIPTOR), '--args', String(ARGUMENTS_DESCRIPTOR), ...command],
  ]
  const spawned = spawn('/bin/sh', words, { stdio: cover(stdioOf(spec, user, api !== null)), env: {}, cwd: '/' })
  const streams: readonly unknown[] = spawned.stdio
  const filterStream = streams[FILTER_DESCRIPTOR] as Duplex
  filterStream.on('error', () => undefined)
  filterStream.once('data', () => {
    filterStream.write('go\n')
    filterStream.end(filter)
  })
  const bubblewrapArguments = streams[ARGUMENTS_DESCRIPTOR] as Writable
  // Should it have ended before, its end says so.
  bubblewrapArguments.on('error', () => undefined).end(`${options.join('\0')}\0`)
  const statusStream = streams[STATUS_DESCRIPTOR] as Readable
  const runtimeApi =
    spec.hasRuntimeApi && api === null
      ? openRuntimeApi(spawned, statusStream, host, user, network)
      : Promise.resolve(api)
  // Should the child not even start, that is the fault to report.
  runtimeApi.catch(() => undefined)
  const status = text(statusStream).catch(() => '')
  return { child: await spawnedChild(spawned, spec.isSupervised), status, runtimeApi }
}

/** What a sandbox is started with, by descriptor. */
function stdioOf({ hasRuntimeApi, isSupervised }: SandboxSpec, user: Unprivileged, isApiOpen: boolean): Stdio[] {
  const supervised = isSupervised ? 'pipe' : 'ignore'
  const stdio: Stdio[] = [supervised, 'pipe', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe']
  stdio[EXTENSIONS_DESCRIPTOR] = supervised
  stdio[RUNTIME_API_DESCRIPTOR] = hasRuntimeApi && !isApiOpen ? runtimeApiStdio(user) : 'ignore'
  stdio[REPORTS_DESCRIPTOR] = supervised
  stdio[STATUS_DESCRIPTOR] = 'pipe'
  return stdio
}
