import type { Server, Socket } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import type { NetworkAccess } from '../../model/records.ts'
import type { SupervisorStreams } from '../extensions/supervisor.ts'

/** Descriptor on which a command that supervises others reports. */
export const REPORTS_DESCRIPTOR = 9
/** Descriptor to which what it supervises beside the runtime writes its output. */
export const EXTENSIONS_DESCRIPTOR = 7

/** What a sandbox is started with. */
export interface SandboxSpec {
  /** The interpreter's own tree on the host, mounted at /var/lang; null where it is part of the system's /usr. */
  readonly languageFolder: string | null
  /** The command as it is called inside the sandbox, with the paths of there. */
  readonly command: readonly string[]
  /** Unpacked code on the host, mounted read-only at /var/task. */
  readonly codeFolder: string
  /** Unpacked layers on the host, mounted read-only at /opt; null where there are none, and /opt is empty. */
  readonly layersFolder: string | null
  /** Symbolic links that its root gets besides, by their paths. */
  readonly links: Readonly<Record<string, string>>
  /** The bootstrap's folder on the host, mounted read-only at /var/runtime. */
  readonly bootstrapFolder: string
  /** Variables of the platform; never the user's, which may be secrets and may bend a loader. */
  readonly environment: Readonly<Record<string, string>>
  /** Whether its processes are to reach a Runtime API, at the address that the driver puts into AWS_LAMBDA_RUNTIME_API. */
  readonly hasRuntimeApi: boolean
  /**
   * Whether its command supervises others: it takes orders on standard input, reports on descriptor 9, and has the output
   * of extensions go to descriptor 7.
   */
  readonly isSupervised: boolean
  /** Whether it may reach the world outside. Its own loopback it always has. */
  readonly networkAccess: NetworkAccess
  readonly memoryMiB: number
  readonly ephemeralStorageMiB: number
}

/** How a sandbox ended: one of the first two is null. */
export interface SandboxEnd {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  /** The kernel or the watcher ended it because it used more memory than it was granted. */
  readonly isOutOfMemory: boolean
  /** False when the sandbox could not be made and the command was never started: the platform's failure. */
  readonly wasStarted: boolean
}

/** A sandbox's own API: the way from its processes to the service, and back. */
export interface RuntimeApiAccess {
  /** Listens on the sandbox's own loopback. */
  readonly socket: Server
  /** Connects to a port there; null where the service may not enter. */
  readonly connect: ((port: number) => Promise<Socket>) | null
  /** Call it when the sandbox has ended. */
  close(): void
}

/** A sandbox that runs. */
export interface Sandbox {
  /** Descriptor 3 of its process: what the service sends. */
  readonly requests: Writable
  /** Descriptor 4: what its bootstrap answers. */
  readonly answers: Readable
  /** The socket of its Runtime API, which its processes reach and those of no other sandbox; null where it has none. */
  readonly runtimeApi: Server | null
  /**
   * Connects to a port of the sandbox's own loopback, where its extensions take telemetry; null where it has no Runtime
   * API, or the service may not enter its network. Rejects with an Error that says why where nobody listens.
   */
  readonly connect: ((port: number) => Promise<Socket>) | null
  /** Where orders go and reports come from; null where its command supervises nobody. */
  readonly supervisor: SupervisorStreams | null
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves when all of its processes are gone. Never rejects. */
  readonly ended: Promise<SandboxEnd>
  /** The most memory that its processes were seen to use, without files in /tmp, in MiB. */
  peakMiB(): number
  /** Stops all of its processes: nothing of it runs until `thaw`. One that is stopped can be killed. */
  freeze(): void
  thaw(): void
  /** Asks all of its processes to end, with SIGTERM. They must not be frozen. */
  terminate(): void
  /** Ends it, with everything in it. */
  kill(): void
}

/**
 * Starts processes that can harm nobody. If the function fails that is the end of a sandbox, a result; if the platform
 * fails, `start` rejects with a PlatformFault.
 */
export interface Driver {
  readonly name: 'bubblewrap' | 'process'
  /** Where folders of the spec are seen by the command. */
  readonly paths: {
    readonly task: (spec: SandboxSpec) => string
    readonly runtime: (spec: SandboxSpec) => string
    readonly layers: (spec: SandboxSpec) => string
  }
  start(spec: SandboxSpec): Promise<Sandbox>
  /** What the host cannot enforce, as sentences; empty where everything is. */
  readonly shortcomings: readonly string[]
}
