import type { SandboxSpec } from './contract.ts'

/** What the sandbox takes from the host's file system, as it was found there. */
export interface HostTree {
  /** Top folders such as /lib64: where each leads when it is a link, null when it is a folder. */
  readonly topFolders: readonly { readonly path: string; readonly linkTarget: string | null }[]
  /** Files and folders below /etc and elsewhere that programs need, which exist. */
  readonly shared: readonly string[]
  /** Folder with the sandbox's own /etc files. */
  readonly rootfs: string
  /** Program of Node.js that opens the socket of a Runtime API. */
  readonly listener: string
  /** Program of Node.js that connects to a port. */
  readonly connector: string
}

/** How the process inside becomes an unprivileged user. */
export type Unprivileged =
  /** The service is root: bubblewrap sets up as root and the process then changes to a user id of its own. */
  | { readonly kind: 'SWITCH'; readonly uid: number }
  /** The service is not root: a user namespace maps the service's user to the sandbox's. */
  | { readonly kind: 'NAMESPACE' }

/** Where a sandbox finds its Runtime API: on the loopback of its own network namespace. */
export const RUNTIME_API_PORT = 9001
const AWS_LAMBDA_RUNTIME_API = `127.0.0.1:${RUNTIME_API_PORT}`

/** Descriptor of bubblewrap that the command waits for, or that the socket is handed over on. */
export const RUNTIME_API_DESCRIPTOR = 8

/** Opens the socket, hands it over, closes the way to the service and only then becomes the command behind it. */
const LISTEN_FIRST = [
  '/bin/sh',
  '-c',
  `NODE_CHANNEL_FD=${RUNTIME_API_DESCRIPTOR} /var/listen/node /var/listen/listen.cjs ${RUNTIME_API_PORT} || exit; exec ${RUNTIME_API_DESCRIPTOR}<&-; exec "$@"`,
  'sh',
]

const ETC_FILES = ['passwd', 'group', 'hosts', 'nsswitch.conf']
const SANDBOX_UID = '1051'
const MOST_PROCESSES = 1024
const MOST_DESCRIPTORS = 1024
const MIB = 1024 * 1024

/** How bubblewrap is called. */
export interface BubblewrapCall {
  /** Handed over on a descriptor: paths of the host are nobody's business. */
  readonly options: readonly string[]
  /** The command line behind the options. */
  readonly command: readonly string[]
}

/** How it comes to be called. */
export interface Calling {
  /** Descriptor that the filter of system calls is read from. */
  readonly filterDescriptor: number
  /** Whether it is called inside of the sandbox's network; otherwise the sandbox has one that leads nowhere. */
  readonly hasNetwork: boolean
  /** Whether its Runtime API, if any, is open before it is called. */
  readonly isApiOpen: boolean
  /** Signals that whoever calls it ignores, and a function should not. */
  readonly ignoredSignals: readonly string[]
}

/**
 * The call of bubblewrap for a sandbox. The user's variables are not in it: they travel in the first frame, when the
 * process has no privileges left that they could bend.
 */
export function bubblewrapCall(
  spec: SandboxSpec,
  host: HostTree,
  unprivileged: Unprivileged,
  { filterDescriptor, hasNetwork, isApiOpen, ignoredSignals }: Calling,
): BubblewrapCall {
  const opensApi = spec.hasRuntimeApi && !isApiOpen
  const options = [
    ...['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
    ...(hasNetwork ? [] : ['--unshare-net']),
    ...(unprivileged.kind === 'NAMESPACE'
      ? ['--unshare-user', '--disable-userns', '--uid', SANDBOX_UID, '--gid', SANDBOX_UID]
      : []),
    ...['--die-with-parent', '--new-session', '--hostname', 'lambda', '--clearenv'],
    ...host.topFolders.flatMap(({ path, linkTarget }) =>
      linkTarget === null ? ['--ro-bind', path, path] : ['--symlink', linkTarget, path],
    ),
    // Folders that bubblewrap makes on the way to a mount would be closed to everybody but root.
    ...['/etc', '/var', '/opt'].flatMap((path) => ['--dir', path]),
    ...(spec.layersFolder === null ? [] : ['--ro-bind', spec.layersFolder, '/opt']),
    ...['--ro-bind', '/usr', '/usr', '--tmpfs', '/usr/local', '--dir', '/usr/local/bin', '--remount-ro', '/usr/local'],
    ...host.shared.flatMap((path) => ['--ro-bind', path, path]),
    ...[...ETC_FILES, ...(hasNetwork ? ['resolv.conf'] : [])].flatMap((file) => [
      '--ro-bind',
      `${host.rootfs}/etc/${file}`,
      `/etc/${file}`,
    ]),
    ...['--proc', '/proc', '--dev', '/dev', '--remount-ro', '/dev'],
    ...['--size', String(spec.ephemeralStorageMiB * MIB), '--perms', '1777', '--tmpfs', '/tmp'],
    ...['--ro-bind', spec.codeFolder, '/var/task', '--ro-bind', spec.bootstrapFolder, '/var/runtime'],
    ...Object.entries(spec.links).flatMap(([path, target]) => ['--symlink', target, path]),
    ...(spec.languageFolder === null ? [] : ['--ro-bind', spec.languageFolder, '/var/lang']),
    ...(opensApi ? runtimeApiOptions(host, unprivileged) : []),
    ...['--remount-ro', '/', '--chdir', '/var/task', '--seccomp', String(filterDescriptor)],
    ...(unprivileged.kind === 'SWITCH'
      ? ['--cap-drop', 'ALL', ...['SETUID', 'SETGID', 'SETPCAP'].flatMap((name) => ['--cap-add', `CAP_${name}`])]
      : ['--cap-drop', 'ALL']),
  ]
  const environment = { ...spec.environment, ...(spec.hasRuntimeApi ? { AWS_LAMBDA_RUNTIME_API } : {}) }
  const command = [
    ...(unprivileged.kind === 'SWITCH' ? switchUser(unprivileged.uid) : []),
    ...limits(spec),
    // Before the variables: what holds a channel to the service must load no library from the paths of the function.
    ...(opensApi && unprivileged.kind === 'NAMESPACE' ? LISTEN_FIRST : []),
    ...['/usr/bin/env', '-i', ...ignoredSignals.map((name) => `--default-signal=${name}`)],
    ...Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    ...spec.command,
  ]
  return { options, command }
}

/** Who enters the sandbox's network does so while its command waits; otherwise Node.js is there to open the socket. */
function runtimeApiOptions({ listener }: HostTree, { kind }: Unprivileged): string[] {
  if (kind === 'SWITCH') return ['--block-fd', String(RUNTIME_API_DESCRIPTOR)]
  return [
    ...['--dir', '/var/listen', '--ro-bind', process.execPath, '/var/listen/node'],
    ...['--ro-bind', listener, '/var/listen/listen.cjs'],
  ]
}

function switchUser(uid: number): string[] {
  const drops = ['--clear-groups', '--bounding-set=-all', '--inh-caps=-all', '--no-new-privs']
  return ['/usr/bin/setpriv', `--reuid=${uid}`, `--regid=${uid}`, ...drops, '--']
}

function limits({ ephemeralStorageMiB }: SandboxSpec): string[] {
  const both = (name: string, value: number) => `--${name}=${value}:${value}`
  return [
    '/usr/bin/prlimit',
    both('nofile', MOST_DESCRIPTORS),
    both('nproc', MOST_PROCESSES),
    both('core', 0),
    both('memlock', 64 * 1024),
    both('msgqueue', 0),
    // No file can be larger than /tmp, wherever a process finds a place for it.
    both('fsize', (ephemeralStorageMiB + 1) * MIB),
    '--',
  ]
}
