import type { Config } from '../config.ts'
import type { StartRateSetting } from '../model/executionLimits.ts'

/** Where a value may come from, and what the help says about it. */
export interface Option {
  /** Name on the command line, without the dashes. */
  readonly name: string
  /** Environment variables, the first one that is set counts. The command line goes before them. */
  readonly variables: readonly string[]
  readonly placeholder: string
  readonly help: string
}

/** Everything that can be set, in the order of the help. */
export const OPTIONS = [
  option('port', 'NUMBER', 'port to listen on; 0 takes any free one (4000)'),
  option('host', 'ADDRESS', 'address to listen on (127.0.0.1)'),
  option('data-dir', 'FOLDER', 'folder of the database and the service’s own files (.lambdaql)'),
  option(
    'cache-dir',
    'FOLDER',
    'folder of what can be fetched again: interpreters, tools (.cache of the installation)',
  ),
  option('database-url', 'URL', 'a PostgreSQL to use instead of the embedded one', 'DATABASE_URL'),
  option('region', 'NAME', 'region of requests that name none (us-east-1)'),
  option('driver', 'NAME', 'how functions are isolated: bubblewrap, or process for not at all (bubblewrap)'),
  option(
    'isolation',
    'NAME',
    'where this machine cannot enforce all of it: lenient warns, strict does not start (lenient)',
  ),
  option('network', 'NAME', 'what functions may reach: internet, or none for no network at all (internet)'),
  option('memory-budget', 'SIZE', 'memory for all functions together: 4GiB, 512MiB (three quarters of the machine)'),
  option('keep-alive', 'DURATION', 'how long an idle execution environment is kept: 90s, 10m (10m)'),
  option(
    'prestarted',
    'NUMBER',
    'environments of each kind that are started ahead; 0 for none, auto for what cold starts call for (auto)',
  ),
  option('scale-out', 'NUMBER', 'how many more environments a function may get in ten seconds (1000)'),
  option(
    'execution-starts',
    'RATE',
    'how fast executions may be started: aws, TOKENS/REFILL a second such as 1300/300, or off for no limit (off)',
  ),
  option('open-executions', 'NUMBER', 'how many Standard executions of an account may be open in a region (1000000)'),
  option('drain', 'DURATION', 'how long running invocations may go on after a request to stop (30s)'),
  option('retention', 'DURATION', 'how long logs and finished invocations are kept, at least 1d; off for ever (30d)'),
  option('time-scale', 'FACTOR', 'makes waits shorter: with 60 a minute takes a second (1)'),
  option('log-level', 'LEVEL', 'debug, info, warn, error or silent (info)'),
] as const satisfies readonly Option[]

/** The name of an option. */
export type OptionName = (typeof OPTIONS)[number]['name']

function option<Name extends string>(name: Name, placeholder: string, help: string, ...further: string[]) {
  return { name, placeholder, help, variables: [`LAMBDAQL_${name.toUpperCase().replaceAll('-', '_')}`, ...further] }
}

/** The text of `--help`. */
export function helpText(): string {
  const rows = OPTIONS.map(({ name, placeholder, help, variables }) => ({
    left: `  --${name} ${placeholder}`,
    right: `${help}\n${' '.repeat(32)}${variables.join(', ')}`,
  }))
  const lines = [...rows, { left: '  --help', right: 'show this' }, { left: '  --version', right: 'show the version' }]
  return [
    'Usage: npm start -- [options]',
    '',
    'Starts LambdaQL: an AWS-Lambda-compatible compute service that is driven through GraphQL.',
    '',
    'Options, with their defaults in brackets, and the environment variables that say the same:',
    ...lines.map(({ left, right }) => left.padEnd(32) + right),
    '',
    'Durations take ms, s, m, h or d; a number alone means seconds. Sizes take MiB or GiB; a number alone means MiB.',
  ].join('\n')
}

/** How the text of an option becomes a value: a reader throws a RangeError that says what was expected. */
export const readers = {
  integerBetween(least: number, most: number) {
    return (text: string): number => {
      const value = Number(text)
      if (/^\d+$/.test(text) && value >= least && value <= most) return value
      throw new RangeError(`a whole number from ${least} to ${most}`)
    }
  },

  /** A whole number, or a word instead. */
  integerBetweenOr<Word extends string>(least: number, most: number, word: Word) {
    return (text: string): number | Word => {
      if (text === word) return word
      const value = Number(text)
      if (/^\d+$/.test(text) && value >= least && value <= most) return value
      throw new RangeError(`a whole number from ${least} to ${most}, or ${word}`)
    }
  },

  oneOf<Choice extends string>(...choices: readonly Choice[]) {
    return (text: string): Choice => {
      const choice = choices.find((each) => each === text)
      if (choice !== undefined) return choice
      throw new RangeError(`one of ${choices.join(', ')}`)
    }
  },

  matching(pattern: RegExp, expected: string) {
    return (text: string): string => {
      if (pattern.test(text)) return text
      throw new RangeError(expected)
    }
  },

  /** AWS's own buckets, one bucket, or none. */
  startRate(text: string): StartRateSetting {
    if (text === 'off' || text === 'aws') return text
    const [, tokens, refillPerSecond] = /^([1-9]\d{0,8})\/([1-9]\d{0,8})$/.exec(text) ?? []
    if (tokens === undefined) throw new RangeError('aws, off, or a bucket and what refills it, such as 1300/300')
    return { tokens: Number(tokens), refillPerSecond: Number(refillPerSecond) }
  },

  /** In milliseconds. */
  duration(text: string): number {
    const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text)
    if (match === null) throw new RangeError('a duration such as 500ms, 30s, 10m or 1h')
    return Math.round(Number(match[1]) * MILLISECONDS[(match[2] ?? 's') as keyof typeof MILLISECONDS])
  },

  /** In milliseconds; null for off. */
  retention(text: string): number | null {
    if (text === 'off') return null
    const retentionMs = readers.duration(text)
    if (retentionMs >= MILLISECONDS.d) return retentionMs
    throw new RangeError('a duration of at least 1d, such as 30d, or off')
  },

  /** In MiB. */
  memory(text: string): number {
    const match = /^(\d+)(MiB|GiB|M|G)?$/i.exec(text)
    const mebibytes = Number(match?.[1]) * (/^g/i.test(match?.[2] ?? '') ? 1024 : 1)
    if (mebibytes >= SMALLEST_FUNCTION_MIB) return mebibytes
    throw new RangeError('a size of at least 128MiB, such as 512MiB or 4GiB')
  },

  factor(text: string): number {
    const value = Number(text)
    if (/^\d+(\.\d+)?$/.test(text) && value > 0 && value <= LARGEST_FACTOR) return value
    throw new RangeError(`a number above 0, at most ${LARGEST_FACTOR}`)
  },

  postgresUrl(text: string): string {
    if (URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol)) return text
    throw new RangeError('a connection string such as postgresql://user:password@host:5432/database')
  },
}

const MILLISECONDS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const SMALLEST_FUNCTION_MIB = 128
const LARGEST_FACTOR = 1_000_000

/** The levels of the log. */
export const LOG_LEVELS: readonly Config['logLevel'][] = ['debug', 'info', 'warn', 'error', 'silent']
