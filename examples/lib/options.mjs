import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { EXAMPLES } from './catalogue.mjs'
import { findToken } from './findToken.mjs'
import { ScriptFault } from './scriptFault.mjs'

const DEFAULT_ENDPOINT = 'http://127.0.0.1:4000'
const DEFAULT_OUT = join(import.meta.dirname, '..', 'out')

/** What `--help` prints. */
export const HELP = `Deploys the examples to a running LambdaQL, invokes them on their input files and shows what came back.

Usage: npm run examples -- [options]
       node examples/run.mjs [options]

  --endpoint URL   where the service listens (default ${DEFAULT_ENDPOINT})
  --token TOKEN    access token (default: the variable LAMBDAQL_TOKEN, then the file .lambdaql/access-token)
  --only NAME      run only this example; may be given several times. One of
                   ${EXAMPLES.map(({ name }) => name).join(', ')}
  --out DIR        where the outputs go (default examples/out)
  --help           print this

Exit code 0 when every example did what it should, 1 when one did not or something is in the way.`

/**
 * Reads the command line: `{ help: true }`, or `{ help: false, endpoint, token, examples, out }` with the endpoint
 * without a slash at its end and `out` absolute. Throws a ScriptFault for what it does not know, and without a token.
 */
export async function readOptions(args, environment, folder) {
  const { help, endpoint, token, only, out } = parse(args)
  if (help) return { help: true }
  return {
    help: false,
    endpoint: readEndpoint(endpoint),
    token: token ?? (await findToken(environment, folder)),
    examples: only === undefined ? EXAMPLES : only.map(findExample),
    out: resolve(folder, out),
  }
}

function parse(args) {
  try {
    return parseArgs({
      args,
      options: {
        help: { type: 'boolean', default: false },
        endpoint: { type: 'string', default: DEFAULT_ENDPOINT },
        token: { type: 'string' },
        only: { type: 'string', multiple: true },
        out: { type: 'string', default: DEFAULT_OUT },
      },
    }).values
  } catch (error) {
    throw new ScriptFault(`${error.message}\nTry --help.`)
  }
}

function readEndpoint(text) {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new ScriptFault(`--endpoint ${text} is no http address, for example ${DEFAULT_ENDPOINT}.`)
  }
  return text.replace(/\/+$/, '')
}

function findExample(name) {
  const example = EXAMPLES.find((candidate) => candidate.name === name)
  if (example !== undefined) return example
  throw new ScriptFault(
    `There is no example ${name}; there are ${EXAMPLES.map((candidate) => candidate.name).join(', ')}.`,
  )
}
