import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TEST_CACHE_FOLDER } from '../../kit/testConfig.ts'

/** Where peers are, or why they are not. */
export type Peer = { readonly folder: string } | { readonly folder: null; readonly reason: string }

const LONGEST_FETCH_MS = 120_000

/**
 * Fetches npm packages into a folder of the cache, once for all runs: a peer is no dependency of the service. Answers
 * the folder with their `node_modules`.
 */
export async function peerPackages(
  name: string,
  packages: Readonly<Record<string, string>>,
  { mayFetch }: { readonly mayFetch: boolean },
): Promise<Peer> {
  const peers = join(TEST_CACHE_FOLDER, 'peers')
  const folder = join(peers, name)
  if (existsSync(folder)) return { folder }
  if (!mayFetch) return { folder: null, reason: 'it is large, and the smoke size does not fetch it' }
  mkdirSync(peers, { recursive: true })
  const unfinished = mkdtempSync(join(peers, '.unfinished-'))
  try {
    writeFileSync(join(unfinished, 'package.json'), JSON.stringify({ private: true, dependencies: packages }))
    const failure = await npmInstall(unfinished)
    if (failure !== null) return { folder: null, reason: failure }
    if (!existsSync(folder)) renameSync(unfinished, folder)
    return { folder }
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
}

/** Null where it succeeded, else why not. */
function npmInstall(folder: string): Promise<string | null> {
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const npm = spawn('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], timeout: LONGEST_FETCH_MS })
  let said = ''
  npm.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  return new Promise((resolve) => {
    npm.once('error', (error) => resolve(error.message))
    npm.once('close', (code) => resolve(code === 0 ? null : (said.trim().split('\n').at(-1) ?? 'npm was stopped')))
  })
}
