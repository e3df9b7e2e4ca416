import { createHash } from 'node:crypto'
import { totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { helpText, LOG_LEVELS, OPTIONS, type OptionName, readers } from './cli/options.ts'
import { readArguments } from './cli/readArguments.ts'
import type { Config } from './config.ts'
import { isReachable, postgresUser } from './db/postgres/systemUser.ts'
import { StartFault } from './errors.ts'
import { INSTALLATION_FOLDER, installedVersion } from './installation.ts'
import { DEFAULT_OPEN_EXECUTIONS } from './model/executionLimits.ts'
import { DEFAULT_SCALE_OUT_RATE } from './model/scaleOutRate.ts'

/** What somebody who starts the service wants. */
export type Command =
  | { readonly kind: 'SAY'; readonly text: string }
  /** `notes` are sentences about what was decided and may surprise. */
  | { readonly kind: 'RUN'; readonly config: Config; readonly notes: readonly string[] }

const MIB = 1024 * 1024
const MEMORY_SHARE = 0.75

/**
 * Reads the command line and the environment, the only place that does. The command line goes before the environment.
 * Throws a StartFault with one line for each mistake.
 */
export function loadConfig(args: readonly string[], environment: NodeJS.ProcessEnv, workingFolder: string): Command {
  const { wants, values, mistakes: misread } = readArguments(args)
  if (wants === 'HELP') return { kind: 'SAY', text: helpText() }
  if (wants === 'VERSION') return { kind: 'SAY', text: installedVersion() }

  const mistakes = [...misread]
  function read<Value, Default>(
    name: OptionName,
    reader: (text: string) => Value,
    otherwise: Default,
  ): Value | Default {
    const source = find(name, values, environment)
    if (source === null) return otherwise
    try {
      return reader(source.text)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      // A connection string has a password in it.
      const shown = name === 'database-url' ? '' : `, not ${JSON.stringify(source.text)}`
      mistakes.push(`${source.from} must be ${error.message}${shown}`)
      return otherwise
    }
  }
  const folder = (text: string) => resolve(workingFolder, text)

  const databaseUrl = read('database-url', readers.postgresUrl, null)
  const givenDataFolder = read('data-dir', folder, null)
  const config = {
    host: read('host', readers.matching(/^\S+$/, 'an address or a host name'), '127.0.0.1'),
    port: read('port', readers.integerBetween(0, 65_535), 4000),
    cacheFolder: read('cache-dir', folder, join(INSTALLATION_FOLDER, '.cache')),
    databaseUrl,
    region: read('region', readers.matching(/^[a-z]{2}(-[a-z]+)+-\d{1,2}$/, 'a region such as us-east-1'), 'us-east-1'),
    driver: read('driver', readers.oneOf('bubblewrap', 'process'), 'bubblewrap' as const),
    isolation: read('isolation', readers.oneOf('lenient', 'strict'), 'lenient' as const),
    network: read('network', readers.oneOf('internet', 'none'), 'internet' as const),
    memoryBudgetMiB: read('memory-budget', readers.memory, defaultMemoryBudgetMiB()),
    keepAliveMs: read('keep-alive', readers.duration, 600_000),
    prestarted: read('prestarted', readers.integerBetweenOr(0, 1_000, 'auto'), 'auto' as const),
    scaleOutRate: read('scale-out', readers.integerBetween(1, 1_000_000), DEFAULT_SCALE_OUT_RATE),
    startRate: read('execution-starts', readers.startRate, 'off' as const),
    openExecutionLimit: read('open-executions', readers.integerBetween(1, 1_000_000_000), DEFAULT_OPEN_EXECUTIONS),
    drainMs: read('drain', readers.duration, 30_000),
    retentionMs: read('retention', readers.retention, 30 * 86_400_000),
    timeScale: read('time-scale', readers.factor, 1),
    logLevel: read('log-level', readers.oneOf(...LOG_LEVELS), 'info' as const),
  } satisfies Omit<Config, 'dataFolder'>
  if (mistakes.length > 0) throw new StartFault(mistakes.join('\n'))

  const chosen =
    givenDataFolder === null
      ? defaultDataFolder(workingFolder, databaseUrl === null)
      : { path: givenDataFolder, notes: [] }
  return { kind: 'RUN', config: Object.freeze({ ...config, dataFolder: chosen.path }), notes: chosen.notes }
}

function find(
  name: OptionName,
  values: ReadonlyMap<OptionName, string>,
  environment: NodeJS.ProcessEnv,
): { text: string; from: string } | null {
  const given = values.get(name)
  if (given !== undefined) return { text: given, from: `--${name}` }
  const { variables } = OPTIONS.find((option) => option.name === name)!
  // An empty variable is how compose files and shells say "not set".
  const variable = variables.find((each) => (environment[each] ?? '') !== '')
  return variable === undefined ? null : { text: environment[variable]!, from: variable }
}

/** Three quarters of what the machine has, or of what its control group allows. */
function defaultMemoryBudgetMiB(): number {
  const allowed = process.constrainedMemory() || Number.POSITIVE_INFINITY
  return Math.max(128, Math.floor((Math.min(totalmem(), allowed) * MEMORY_SHARE) / MIB))
}

/** `.lambdaql` in the working folder, unless PostgreSQL's user could not reach it there. */
function defaultDataFolder(workingFolder: string, isEmbedded: boolean): { path: string; notes: readonly string[] } {
  const path = join(workingFolder, '.lambdaql')
  const user = isEmbedded ? postgresUser() : null
  if (user === null || isReachable(path, user)) return { path, notes: [] }
  const elsewhere = join('/var/lib/lambdaql', createHash('sha256').update(path).digest('hex').slice(0, 12))
  return {
    path: elsewhere,
    notes: [
      `data is kept in ${elsewhere}: the user "${user.name}", as which PostgreSQL runs for root, cannot reach ${path}`,
    ],
  }
}
