import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { ScriptFault } from './scriptFault.mjs'

const FILE = 'access-token'

/**
 * The access token that a service which was started in this folder left there for its owner. Throws a ScriptFault that
 * names the places when there is none to read.
 */
export async function findToken(environment, folder) {
  if (environment.LAMBDAQL_TOKEN) return environment.LAMBDAQL_TOKEN
  const tried = []
  for (const dataFolder of dataFolders(environment, folder)) {
    try {
      return (await readFile(join(dataFolder, FILE), 'utf8')).trim()
    } catch (error) {
      tried.push(`${join(dataFolder, FILE)} (${error.code})`)
    }
  }
  throw new ScriptFault(
    `No access token: there is no ${tried.join(', nor ')}. ` +
      'Start the service in this folder with npm start, or give --token or LAMBDAQL_TOKEN.',
  )
}

/** Where the service keeps its data, as it decides itself: for root it may be a folder that PostgreSQL's user can reach. */
function dataFolders(environment, folder) {
  if (environment.LAMBDAQL_DATA_DIR) return [resolve(folder, environment.LAMBDAQL_DATA_DIR)]
  const usual = join(folder, '.lambdaql')
  return [usual, join('/var/lib/lambdaql', createHash('sha256').update(usual).digest('hex').slice(0, 12))]
}
