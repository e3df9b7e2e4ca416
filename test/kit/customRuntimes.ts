import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { INSTALLATION_FOLDER } from '../../src/installation.ts'

/** The files of a code package. */
export type PackageFiles = Readonly<Record<string, string | Buffer>>

/** A package made with a real runtime interface client, or why there is none on this machine: `no Go`. */
export type BuiltPackage = { readonly files: PackageFiles } | { readonly missing: string }

const run = promisify(execFile)
const FIXTURES = join(INSTALLATION_FOLDER, 'test', 'fixtures', 'customRuntimes')
const LONGEST_BUILD_MS = 240_000

/** A program of aws-lambda-go: the one that the clients' tests ask, or another one's sources. */
export async function buildGo(folder: string, sources = join(FIXTURES, 'go')): Promise<BuiltPackage> {
  const go = ['/usr/local/go/bin/go', '/usr/bin/go'].find((path) => existsSync(path))
  if (go === undefined) return { missing: 'no Go' }
  cpSync(sources, folder, { recursive: true })
  return built('aws-lambda-go cannot be had', async () => {
    await run(go, ['build', '-o', 'bootstrap', '.'], inFolder(folder, { CGO_ENABLED: '0' }))
    return { bootstrap: readFileSync(join(folder, 'bootstrap')) }
  })
}

/** A program of the crate lambda_runtime. */
export async function buildRust(folder: string): Promise<BuiltPackage> {
  cpSync(join(FIXTURES, 'rust'), folder, { recursive: true })
  return built('no Cargo, or lambda_runtime cannot be had', async () => {
    await run('cargo', ['build', '--locked', '--quiet'], inFolder(folder, { CARGO_TARGET_DIR: join(folder, 'target') }))
    return { bootstrap: readFileSync(join(folder, 'target', 'debug', 'bootstrap')) }
  })
}

/** A handler with the package awslambdaric beside it, run by the system's own Python. */
export async function buildPython(folder: string): Promise<BuiltPackage> {
  const python = '/usr/bin/python3'
  if (!existsSync(python)) return { missing: 'no Python in /usr/bin' }
  cpSync(join(FIXTURES, 'python'), folder, { recursive: true })
  return built('no pip, or awslambdaric cannot be had', async () => {
    const { stdout } = await run(python, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'])
    // Any pip can install for the interpreter of that version.
    const install = ['-m', 'pip', 'install', '--quiet', '--target', folder, '--python-version', stdout.trim()]
    await run('python3', [...install, '--only-binary=:all:', 'awslambdaric==4.2.2'], inFolder(folder, {}))
    return { ...filesOf(folder), bootstrap: `#!/bin/sh\nexec ${python} -m awslambdaric "$_HANDLER"\n` }
  })
}

const NODE_CLIENT = 'aws-lambda-ric@4.0.2'

/** A handler with the package aws-lambda-ric beside it, run by the system's own Node.js. Compiling it takes a minute: it is kept. */
export async function buildNode(folder: string): Promise<BuiltPackage> {
  const node = '/usr/bin/node'
  if (!existsSync(node)) return { missing: 'no Node.js in /usr/bin' }
  const cache = join(INSTALLATION_FOLDER, 'node_modules', '.cache', NODE_CLIENT)
  const client = join('node_modules', 'aws-lambda-ric')
  return built('no compiler, or aws-lambda-ric cannot be had', async () => {
    if (!existsSync(join(cache, client, 'rapid-client.node'))) {
      mkdirSync(cache, { recursive: true })
      // It asks for Node.js 22 and runs on 20.
      await run(
        'npm',
        ['install', '--prefix', cache, '--force', '--no-audit', '--no-fund', NODE_CLIENT],
        inFolder(cache, {}),
      )
    }
    cpSync(join(FIXTURES, 'node'), folder, { recursive: true })
    for (const name of ['aws-lambda-ric', join('@aws', 'lambda-invoke-store')]) {
      cpSync(join(cache, 'node_modules', name), join(folder, 'node_modules', name), { recursive: true })
    }
    return { ...filesOf(folder), bootstrap: `#!/bin/sh\nexec ${node} ${client}/index.mjs "$_HANDLER"\n` }
  })
}

async function built(missing: string, build: () => Promise<PackageFiles>): Promise<BuiltPackage> {
  try {
    return { files: await build() }
  } catch (error) {
    const { stderr, message } = error as { readonly stderr?: string; readonly message: string }
    return { missing: `${missing}: ${(stderr || message).trim().split('\n').at(-1)}` }
  }
}

function inFolder(cwd: string, variables: Readonly<Record<string, string>>) {
  return { cwd, timeout: LONGEST_BUILD_MS, env: { ...process.env, ...variables } }
}

function filesOf(folder: string): PackageFiles {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    entries.map(({ parentPath, name }) => {
      const path = join(parentPath, name)
      return [path.slice(folder.length + 1), readFileSync(path)]
    }),
  )
}
