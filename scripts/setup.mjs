// Makes a clone ready to run: packages, generated code, dist and bubblewrap, each only where it is missing or older than
// what it is made from. Plain Node without a dependency, for it runs before there are any.
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const cache = process.env.LAMBDAQL_CACHE_DIR || join(root, '.cache')
const stampFile = join(root, 'node_modules', '.lambdaql-setup.json')

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19))
  fail(`needs Node.js 20.19 or newer, and this is ${process.versions.node}`)

if (!packagesAreInstalled()) {
  say('installing packages; this happens once and takes about a minute')
  // Without install scripts: they would fetch engines from elsewhere that are not used.
  npm('ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error')
}
const stamps = readStamps()

const generatedFrom = hashOf(['schema.graphql', 'prisma/schema.prisma', 'src/api/mappers.json', 'scripts/generate.mjs'])
const generated = ['src/api/generated/resolvers.ts', 'src/db/generated/client.ts']
if (stamps.generated !== generatedFrom || !generated.every((path) => existsSync(join(root, path)))) {
  say('generating code from the schemas')
  node('scripts/generate.mjs')
  saveStamp('generated', generatedFrom)
}

const builtFrom = hashOf([
  ...filesOf('src'),
  'tsconfig.json',
  'tsconfig.build.json',
  'package-lock.json',
  'scripts/setup.mjs',
])
if (stamps.built !== builtFrom || !existsSync(join(root, 'dist/main.js'))) {
  say('building')
  build()
  saveStamp('built', builtFrom)
}

const consoleScript = join(root, 'scripts/build-console.mjs')
if (existsSync(consoleScript)) {
  const consoleFrom = hashOf([...filesOf('src/console'), 'scripts/build-console.mjs', 'package-lock.json'])
  if (stamps.console !== consoleFrom || !existsSync(join(root, 'dist/console'))) {
    say('building the console')
    node('scripts/build-console.mjs')
    saveStamp('console', consoleFrom)
  }
}

if (process.platform === 'linux' && !findBubblewrap()) fetchBubblewrap()

/** Whether node_modules holds what package-lock.json says. Packages of other platforms may be missing. */
function packagesAreInstalled() {
  try {
    const wanted = readJson(join(root, 'package-lock.json')).packages
    const installed = readJson(join(root, 'node_modules/.package-lock.json')).packages
    return Object.entries(wanted).every(([path, { version, optional }]) => {
      if (path === '') return true
      return installed[path] === undefined ? optional === true : installed[path].version === version
    })
  } catch {
    return false
  }
}

function build() {
  // The console is built by its own script, into its own folder.
  for (const name of existsSync(join(root, 'dist')) ? readdirSync(join(root, 'dist')) : []) {
    if (name !== 'console') rmSync(join(root, 'dist', name), { recursive: true })
  }
  const { status } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json', '--noEmitOnError'],
    { cwd: root, stdio: ['ignore', process.stderr, 'inherit'] },
  )
  if (status !== 0) fail('the build failed')
  // What runs inside execution environments is not ours to compile.
  const runtimes = 'src/environments/runtimes'
  if (existsSync(join(root, runtimes))) {
    cpSync(join(root, runtimes), join(root, 'dist/environments/runtimes'), { recursive: true })
  }
}

function findBubblewrap() {
  const places = [...(process.env.PATH ?? '').split(delimiter), join(cache, 'bubblewrap/usr/bin')]
  return places.some((folder) => existsSync(join(folder, 'bwrap')))
}

/** Fetches the system's own package and unpacks it into the cache: nothing of the system is changed. */
function fetchBubblewrap() {
  const target = join(cache, 'bubblewrap')
  const download = join(cache, 'bubblewrap.download')
  say('fetching bubblewrap, which isolates functions')
  mkdirSync(download, { recursive: true })
  const run = (program, ...args) => spawnSync(program, args, { cwd: download, stdio: 'ignore' }).status === 0
  try {
    const isRoot = process.getuid() === 0
    const fetched =
      run('apt-get', 'download', 'bubblewrap') ||
      (isRoot && run('apt-get', 'update') && run('apt-get', 'download', 'bubblewrap'))
    const archive = readdirSync(download).find((name) => name.endsWith('.deb'))
    if (fetched && archive !== undefined && run('dpkg-deb', '-x', archive, target)) return
    say('bubblewrap could not be fetched; install it with your package manager, or start with --driver process')
  } finally {
    rmSync(download, { recursive: true, force: true })
  }
}

function filesOf(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? filesOf(path) : [path]
    })
    .sort()
}

function hashOf(paths) {
  const hash = createHash('sha256')
  for (const path of paths) {
    const full = join(root, path)
    hash.update(`${relative(root, full)}\0${statSync(full).size}\0`).update(readFileSync(full))
  }
  return hash.digest('hex')
}

function readStamps() {
  try {
    return readJson(stampFile)
  } catch {
    return {}
  }
}

function saveStamp(name, value) {
  stamps[name] = value
  writeFileSync(stampFile, JSON.stringify(stamps))
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'))
}

function npm(...args) {
  const script = process.env.npm_execpath
  const [program, first] = script ? [process.execPath, [script]] : ['npm', []]
  const { status } = spawnSync(program, [...first, ...args], {
    cwd: root,
    stdio: ['ignore', process.stderr, 'inherit'],
  })
  if (status !== 0) fail('the packages could not be installed')
}

function node(script) {
  try {
    execFileSync(process.execPath, [join(root, script)], { cwd: root, stdio: ['ignore', process.stderr, 'inherit'] })
  } catch {
    fail(`${script} failed`)
  }
}

function say(sentence) {
  process.stderr.write(`lambdaql: ${sentence}\n`)
}

function fail(sentence) {
  say(sentence)
  process.exit(1)
}
