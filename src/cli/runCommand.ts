import { parseArgs } from 'node:util'
import type { Config } from '../config.ts'
import { isConnectionFailure } from '../db/errorCode.ts'
import { StartFault, UserFault } from '../errors.ts'
import { loadConfig } from '../loadConfig.ts'
import { type AccessRoom, withAccessRoom } from './accessRoom.ts'

/** A command for accounts or tokens. */
export interface Command {
  readonly help: string
  /** Names of the options that are the command's own; each takes a value. */
  readonly options: readonly string[]
  /** Does what the words and options say, and returns what to print. Throws a StartFault for what it does not take. */
  run(words: readonly string[], options: Readonly<Record<string, string>>, room: AccessRoom): Promise<string>
}

/** Options of the service that say where its data is. */
const PLACE_OPTIONS = ['data-dir', 'database-url', 'region'] as const

/** Runs a command and returns the exit code: 1 with a line on standard error where it could not be done. */
export async function runCommand(command: Command, args: readonly string[]): Promise<number> {
  try {
    const { words, options, wantsHelp, config } = read(command, args)
    console.log(wantsHelp ? command.help : await withAccessRoom(config, (room) => command.run(words, options, room)))
    return 0
  } catch (error) {
    for (const line of explanation(error).split('\n')) console.error(`lambdaql: ${line}`)
    return 1
  }
}

function read(command: Command, args: readonly string[]) {
  const { positionals, values } = parse(command, args)
  const place = PLACE_OPTIONS.flatMap((name) => (values[name] === undefined ? [] : [`--${name}=${values[name]}`]))
  const configured = loadConfig(place, process.env, process.cwd())
  if (configured.kind !== 'RUN') throw new StartFault(configured.text)
  const config: Config = configured.config
  const own = command.options.flatMap((name) => (values[name] === undefined ? [] : [[name, String(values[name])]]))
  return {
    words: positionals,
    options: Object.fromEntries(own) as Record<string, string>,
    wantsHelp: values['help'] === true,
    config,
  }
}

interface Parsed {
  readonly positionals: readonly string[]
  readonly values: Readonly<Record<string, string | boolean | undefined>>
}

function parse(command: Command, args: readonly string[]): Parsed {
  const names = [...command.options, ...PLACE_OPTIONS]
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        ...Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
      },
    })
  } catch (error) {
    throw new StartFault(`${error instanceof Error ? error.message : String(error)} (see --help)`)
  }
}

function explanation(error: unknown): string {
  if (error instanceof StartFault || error instanceof UserFault) return error.message
  if (isConnectionFailure(error)) return 'the database cannot be reached; try again when the service has started'
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

/** What the help of each command says of where the data is. */
export const PLACE_HELP = [
  '  --data-dir FOLDER    data folder of the service (.lambdaql), also LAMBDAQL_DATA_DIR',
  '  --database-url URL   PostgreSQL of the service, where it is not the embedded one, also DATABASE_URL',
  '',
  'The service may run meanwhile or not.',
].join('\n')
