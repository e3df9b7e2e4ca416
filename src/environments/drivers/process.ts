import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { PlatformFault } from '../../errors.ts'
import type { Driver, SandboxEnd, SandboxSpec } from './contract.ts'

const MIB = 1024 * 1024

/**
 * Runs functions as bare processes of the service's own user: no isolation whatever, for machines that have nothing
 * else. Each has a folder of its own as TMPDIR, and is ended together with its process group.
 */
export function createProcessDriver(): Driver {
  return {
    name: 'process',
    paths: { task: (spec) => spec.codeFolder, runtime: (spec) => spec.bootstrapFolder },
    shortcomings: [
      'functions are not isolated: they run as the user of the service, and may read its files, its database and each other',
    ],
    async start(spec) {
      const temporary = mkdtempSync(join(tmpdir(), 'lambdaql-function-'))
      mkdirSync(temporary, { recursive: true })
      const [program, ...args] = onHost(spec)
      const child = spawn(program!, args, {
        stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
        env: { ...spec.environment, PATH: process.execPath.replace(/\/[^/]*$/, ':/usr/bin:/bin'), TMPDIR: temporary },
        cwd: spec.codeFolder,
        detached: true,
      })
      const [, stdout, stderr, requests, answers] = child.stdio as unknown as [
        null,
        Readable,
        Readable,
        Writable,
        Readable,
      ]
      for (const stream of [stdout, stderr, requests, answers]) stream.on('error', () => undefined)
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve)
        child.once('error', (error) => reject(new PlatformFault('a process could not be started', { cause: error })))
      })
      const kill = () => {
        try {
          process.kill(-child.pid!, 'SIGKILL')
        } catch {
          // Gone already.
        }
      }
      const ended = new Promise<SandboxEnd>((resolve) => {
        child.once('exit', (exitCode, signal) => {
          kill()
          rmSync(temporary, { recursive: true, force: true })
          resolve({ exitCode, signal, isOutOfMemory: false })
        })
      })
      return { requests, answers, stdout, stderr, ended, usedMiB: () => residentMiB(child.pid!), kill }
    },
  }
}

/** The command with the paths of the host in place of those inside a sandbox. */
function onHost({ command, languageFolder, bootstrapFolder, codeFolder }: SandboxSpec): string[] {
  return command.map((word) =>
    word
      .replace(/^\/var\/lang/, languageFolder ?? '/usr')
      .replace(/^\/var\/runtime/, bootstrapFolder)
      .replace(/^\/var\/task/, codeFolder),
  )
}

function residentMiB(pid: number): number {
  const file = `/proc/${pid}/statm`
  if (!existsSync(file)) return 0
  const PAGE_BYTES = 4096
  return Math.ceil((Number(readFileSync(file, 'latin1').split(' ')[1]) * PAGE_BYTES) / MIB)
}
