import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PlatformFault } from '../../errors.ts'
import type { Driver, SandboxSpec } from './contract.ts'
import { descendantsOf, memoryOf } from './processes.ts'
import { spawnedChild } from './sandboxChild.ts'
import { type ChildProcesses, sandboxOfChild } from './sandboxOfChild.ts'

const SUPERVISED_STDIO = [
  ...['pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
  ...['ignore', 'ignore', 'pipe', 'ignore', 'pipe'],
] as ('pipe' | 'ignore')[]

/**
 * Runs functions as bare processes of the service's own user: no isolation whatever, for machines that have nothing
 * else. Each has a folder of its own as TMPDIR, and is ended together with its process group.
 */
export function createProcessDriver(): Driver {
  return {
    name: 'process',
    paths: {
      task: (spec) => spec.codeFolder,
      runtime: (spec) => spec.bootstrapFolder,
      layers: (spec) => spec.layersFolder ?? '/opt',
    },
    shortcomings: [
      'functions are not isolated: they run as the user of the service, and may read its files, its database and each other',
    ],
    async start(spec) {
      const temporary = mkdtempSync(join(tmpdir(), 'lambdaql-function-'))
      const [program, ...args] = onHost(spec)
      const runtimeApi = spec.hasRuntimeApi ? await listenOnLoopback() : null
      const child = spawn(program!, args, {
        stdio: spec.isSupervised ? SUPERVISED_STDIO : ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
        env: {
          ...layerPaths(spec),
          PATH: `${process.execPath.replace(/\/[^/]*$/, ':/usr/bin:/bin')}:${spec.layersFolder ?? '/opt'}/bin`,
          TMPDIR: temporary,
          ...(runtimeApi === null ? {} : { AWS_LAMBDA_RUNTIME_API: addressOf(runtimeApi) }),
        },
        cwd: spec.codeFolder,
        detached: true,
      })
      const ids = () => (child.pid === undefined ? [] : [child.pid, ...descendantsOf(child.pid)])
      const kill = () => {
        for (const pid of ids().slice(1)) end(pid)
        if (child.pid !== undefined) end(-child.pid)
      }
      const remove = () => rmSync(temporary, { recursive: true, force: true })
      child.once('error', remove)
      const processes: ChildProcesses = {
        ids,
        measure: () => memoryOf(ids()),
        chargedMiB: () => null,
        kill,
        async settle({ code, signal }) {
          kill()
          remove()
          return { exitCode: code, signal, isOutOfMemory: false, wasStarted: true }
        },
      }
      const access =
        runtimeApi === null ? null : { socket: runtimeApi, connect: connectOnLoopback, close: () => undefined }
      return sandboxOfChild(await spawnedChild(child, spec.isSupervised), spec, processes, Promise.resolve(access))
    },
  }
}

/** Any process of this machine reaches it: nothing is isolated here. */
function listenOnLoopback(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error) => reject(new PlatformFault('a Runtime API could not be opened', { cause: error })))
    server.listen(0, '127.0.0.1', () => resolve(server))
  })
}

function connectOnLoopback(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true })
    socket.once('error', reject).once('connect', () => resolve(socket.off('error', reject)))
  })
}

function addressOf(server: Server): string {
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Ends a process, or with a negative number the group of one. */
function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Gone already.
  }
}

/** The command with the paths of the host in place of those inside a sandbox. */
function onHost({ command, languageFolder, bootstrapFolder, codeFolder, layersFolder }: SandboxSpec): string[] {
  return command.map((word) =>
    word
      .replace(/(?<=^|=)\/var\/lang/, languageFolder ?? '/usr')
      .replace(/(?<=^|=)\/var\/runtime/, bootstrapFolder)
      .replace(/(?<=^|=)\/var\/task/, codeFolder)
      .replace(/^\/opt(?=\/|$)/, layersFolder ?? '/opt'),
  )
}

/** The platform's variables with the layers' folder in place of /opt, at the beginning of each path of a list. */
function layerPaths({ environment, layersFolder }: SandboxSpec): Record<string, string> {
  const entries = Object.entries(environment).map(([name, value]) => [
    name,
    value.replaceAll(/(?<=^|:)\/opt(?=\/|:|$)/g, layersFolder ?? '/opt'),
  ])
  return Object.fromEntries(entries) as Record<string, string>
}
