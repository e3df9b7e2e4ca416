import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { INSTALLATION_FOLDER } from '../../src/installation.ts'

const SRC = join(INSTALLATION_FOLDER, 'src')

/** The rooms in the order in which they may import: each from those of lower ranks, and from itself. */
const RANKS: Readonly<Record<string, number>> = {
  model: 0,
  db: 1,
  access: 2,
  functions: 2,
  invocations: 2,
  events: 2,
  billing: 2,
  concurrency: 2,
  network: 2,
  destinations: 3,
  environments: 3,
  triggers: 3,
  statemachines: 3,
  api: 4,
  cli: 5,
}
const TOP = 6
/** Files at the top that belong to no room, and whom they may be imported by. */
const TOP_FILES: Readonly<Record<string, number>> = {
  'errors.ts': 0,
  'config.ts': 0,
  'log.ts': 0,
  'installation.ts': 0,
  'stock.ts': 0,
  'loadConfig.ts': 5,
  'compose.ts': TOP,
  'lifecycle.ts': TOP,
  'main.ts': TOP,
}
/** Types of these may be imported by anyone: they are what rooms promise each other. */
const PROMISES = /(^|\/)(contract|journalEntry)\.ts$/

interface Import {
  readonly from: string
  readonly to: string
  readonly isOfTypes: boolean
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(ts|tsx|mjs)$/.test(path))
  .filter((path) => !/(^|\/)generated\//.test(path))
// What runs inside execution environments and in browsers are programs of their own.
const own = files.filter((path) => path.endsWith('.ts') && !/^(environments\/runtimes|console)\//.test(path))
const textOf = (path: string) => readFileSync(join(SRC, path), 'utf8')

const imports: readonly Import[] = own.flatMap((from) =>
  [
    ...textOf(from).matchAll(
      /^(?:import|export)\s+(type\s+)?[^'";]*?from\s+'([^']+)'|^import\s+'([^']+)'|import\('([^']+)'\)/gm,
    ),
  ].map(([, types, named, bare, dynamic]) => {
    const target = (named ?? bare ?? dynamic)!
    const to = target.startsWith('.') ? relative(SRC, join(SRC, dirname(from), target)) : target
    return { from, to, isOfTypes: types !== undefined }
  }),
)

function rankOf(path: string): number {
  const [room, ...below] = path.split('/')
  return (below.length === 0 ? TOP_FILES[path] : RANKS[room!]) ?? Number.NaN
}
const roomOf = (path: string) => path.split('/')[0]!
const isOwnFile = (path: string) => /\.(ts|mjs|json)$/.test(path) && !path.startsWith('node:')

describe('the source', () => {
  test('has rooms whose rank is known', () => {
    expect(imports.length).toBeGreaterThan(300)
    expect(own.filter((path) => Number.isNaN(rankOf(path)))).toEqual([])
  })

  test('imports one way: model <- db <- rooms <- environments, triggers <- api <- composition', () => {
    const wrong = imports
      .filter(({ to }) => isOwnFile(to))
      .filter(({ to, isOfTypes }) => !(isOfTypes && PROMISES.test(to)))
      .filter(({ from, to }) => rankOf(to) > rankOf(from))
      .map(({ from, to }) => `${from} -> ${to}`)
    expect(wrong).toEqual([])
  })

  test('keeps I/O out of the model', () => {
    const allowed = new Set(['node:crypto', 'node:util'])
    const wrong = imports
      .filter(({ from }) => roomOf(from) === 'model')
      .filter(({ to }) => to.startsWith('node:') || builtinModules.includes(to))
      .filter(({ to }) => !allowed.has(to))
    expect(wrong).toEqual([])
  })

  test('keeps the database out of the API', () => {
    const wrong = imports
      .filter(({ from }) => roomOf(from) === 'api')
      .filter(({ to }) => /^(pg|@prisma\/.*)$/.test(to) || roomOf(to) === 'db')
    expect(wrong).toEqual([])
  })

  test('reads the environment where the process begins, and on the command line', () => {
    const readers = own.filter((path) => !/^(cli\/|loadConfig\.ts$|lifecycle\.ts$)/.test(path))
    const wrong = readers.filter((path) => /process\.env\b/.test(textOf(path)))
    expect(wrong).toEqual([])
  })

  test('has no file of more than 350 lines', () => {
    const long = own.filter((path) => textOf(path).split('\n').length > 350)
    expect(long).toEqual([])
  })
})
