import { parseArgs } from 'node:util'
import { OPTIONS, type OptionName } from './options.ts'

/** What stands on a command line. */
export interface Arguments {
  readonly wants: 'RUN' | 'HELP' | 'VERSION'
  readonly values: ReadonlyMap<OptionName, string>
  /** One sentence for each argument that is not understood. */
  readonly mistakes: readonly string[]
}

/** Reads a command line: `--name value` or `--name=value`; the last one of a name counts. */
export function readArguments(args: readonly string[]): Arguments {
  const { tokens } = parseArgs({
    args: [...args],
    // Not strict: a strict parser stops at the first mistake, and people want to hear of all of them.
    strict: false,
    tokens: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean', short: 'v' },
      ...Object.fromEntries(OPTIONS.map(({ name }) => [name, { type: 'string' as const }])),
    },
  })
  let wants: Arguments['wants'] = 'RUN'
  const values = new Map<OptionName, string>()
  const mistakes: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') mistakes.push(`unexpected argument ${token.value} (see --help)`)
    if (token.kind !== 'option') continue
    const known = OPTIONS.find(({ name }) => name === token.name)
    if (token.name === 'help') wants = 'HELP'
    else if (token.name === 'version') wants = wants === 'HELP' ? 'HELP' : 'VERSION'
    else if (known === undefined) mistakes.push(`unknown option ${token.rawName} (see --help)`)
    else if (token.value === undefined) mistakes.push(`--${known.name} needs a value: ${known.placeholder}`)
    else values.set(known.name, token.value)
  }
  return { wants, values, mistakes }
}
