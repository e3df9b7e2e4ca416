import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ScriptFault } from './scriptFault.mjs'

/** Name of the file in `node_modules` that says what they were installed from. */
export const STAMP = '.installed-from'

const PROGRESS_EVERY_MS = 5_000

/**
 * Installs what the folder's package-lock.json says, without development dependencies and without running the packages'
 * own scripts. Does nothing where that was done before and the lock is the same. Throws a ScriptFault with npm's words.
 */
export async function installDependencies(folder, log) {
  const wanted = await digestOf(folder)
  const stamp = join(folder, 'node_modules', STAMP)
  if ((await readFile(stamp, 'utf8').catch(() => null)) === wanted) {
    log('dependencies are installed')
    return
  }
  log('npm ci: installing dependencies ...')
  const begin = performance.now()
  const seconds = () => `${((performance.now() - begin) / 1000).toFixed(0)} s`
  const progress = setInterval(() => log(`npm ci: still at it after ${seconds()}`), PROGRESS_EVERY_MS)
  try {
    await run('npm', ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'], folder)
  } finally {
    clearInterval(progress)
  }
  await writeFile(stamp, wanted)
  log(`npm ci: done after ${seconds()}`)
}

async function digestOf(folder) {
  const hash = createHash('sha256')
  for (const name of ['package.json', 'package-lock.json']) hash.update(await readFile(join(folder, name)))
  return hash.digest('hex')
}

function run(command, args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    const output = []
    child.stdout.on('data', (chunk) => output.push(chunk))
    child.stderr.on('data', (chunk) => output.push(chunk))
    child.on('error', (error) => reject(new ScriptFault(`${command} cannot be started: ${error.message}`)))
    child.on('close', (code, signal) => {
      if (code === 0) return resolve()
      const words = Buffer.concat(output).toString().trim()
      reject(
        new ScriptFault(`${[command, ...args].join(' ')} in ${cwd} ended with ${signal ?? `code ${code}`}:\n${words}`),
      )
    })
  })
}
