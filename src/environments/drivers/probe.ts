import { spawnSync } from 'node:child_process'
import { StartFault } from '../../errors.ts'
import { bubblewrapCall, type HostTree, type Unprivileged } from './bubblewrapArguments.ts'
import type { SandboxSpec } from './contract.ts'

const LONGEST_PROBE_MS = 10_000

/** Starts a sandbox that does nothing, to know at once, and not at the first invocation, that there can be one. */
export function probe(program: string, host: HostTree, user: Unprivileged, filter: Buffer): void {
  const spec: SandboxSpec = {
    languageFolder: null,
    command: ['/bin/true'],
    codeFolder: host.rootfs,
    layersFolder: null,
    links: {},
    bootstrapFolder: host.rootfs,
    environment: {},
    hasRuntimeApi: false,
    isSupervised: false,
    networkAccess: 'NONE',
    memoryMiB: 128,
    ephemeralStorageMiB: 1,
  }
  const { options, command } = bubblewrapCall(spec, host, user, {
    filterDescriptor: 0,
    hasNetwork: false,
    isApiOpen: false,
    ignoredSignals: [],
  })
  const { status, stderr, error } = spawnSync(program, [...options, ...command], {
    input: filter,
    env: {},
    timeout: LONGEST_PROBE_MS,
  })
  if (status === 0) return
  const reason = error?.message ?? stderr.toString('utf8').trim().split('\n').at(-1)
  throw new StartFault(
    `functions cannot be isolated on this machine: ${reason}. Allow unprivileged user namespaces ` +
      '(sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0), run as root, ' +
      'or give isolation up with --driver process',
  )
}
