import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

import { type Peer, peerPackages } from './peerPackages.ts'

/** serverless-offline, running one function. */
export interface ServerlessOffline extends AsyncDisposable {
  /** Where the function is invoked, with its event as the body. */
  readonly url: string
}

// The last versions that run without an account of theirs.
const PACKAGES = { serverless: '3.40.0', 'serverless-offline': '13.9.0' }

const CONFIGURATION = `
service: peer
frameworkVersion: '3'
provider: { name: aws, runtime: nodejs20.x, region: us-east-1 }
plugins: [serverless-offline]
functions:
  echo: { handler: index.handler, timeout: 30 }
`
const LONGEST_START_MS = 60_000

/** Fetches it where it is missing and may be fetched: it takes most of a minute. */
export function fetchServerlessOffline(mayFetch: boolean): Promise<Peer> {
  return peerPackages('serverless-offline', PACKAGES, { mayFetch })
}

/** Starts it on a new folder with one handler, an ES module, and waits until it answers. */
export async function startServerlessOffline(
  packages: string,
  folder: string,
  handler: string,
): Promise<ServerlessOffline> {
  mkdirSync(folder)
  symlinkSync(join(packages, 'node_modules'), join(folder, 'node_modules'))
  cpSync(join(packages, 'package.json'), join(folder, 'package.json'))
  writeFileSync(join(folder, 'serverless.yml'), CONFIGURATION)
  writeFileSync(join(folder, 'index.mjs'), handler)
  const [lambdaPort, httpPort] = await Promise.all([freePort(), freePort()])
  const program = join(packages, 'node_modules/serverless/bin/serverless.js')
  const options = ['offline', 'start', '--host', '127.0.0.1', '--lambdaPort', lambdaPort, '--httpPort', httpPort]
  const child = spawn(process.execPath, [program, ...options], {
    cwd: folder,
    // It writes a line for each invocation, which nobody is to pay for.
    stdio: 'ignore',
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      SLS_TELEMETRY_DISABLED: '1',
      SLS_NOTIFICATIONS_MODE: 'off',
      SLS_INTERACTIVE_SETUP_ENABLE: '0',
      AWS_ACCESS_KEY_ID: 'none',
      AWS_SECRET_ACCESS_KEY: 'none',
    },
  })
  const ended = once(child, 'close')
  const url = `http://127.0.0.1:${lambdaPort}/2015-03-31/functions/peer-dev-echo/invocations`
  const sinceMs = performance.now()
  while (!(await answers(url))) {
    if (child.exitCode !== null) throw new Error(`serverless-offline ended with ${child.exitCode}`)
    if (performance.now() - sinceMs > LONGEST_START_MS) throw new Error('serverless-offline does not answer')
    await pause(100)
  }
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill('SIGINT')
      await Promise.race([ended, pause(2_000)])
      child.kill('SIGKILL')
      await ended
    },
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { method: 'POST', body: '{}' })).ok
  } catch {
    return false
  }
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('there is no free port')
  server.close()
  await once(server, 'close')
  return String(address.port)
}
