import { createAccessTokens } from '../access/tokens.ts'
import { connectDatabase } from '../db/database.ts'
import { isConnectionFailure } from '../db/errorCode.ts'
import { clusterUrl } from '../db/postgres/cluster.ts'
import { StartFault } from '../errors.ts'
import { loadConfig } from '../loadConfig.ts'
import { systemClock } from '../model/clock.ts'

/**
 * `npm run token`: prints the secret of a new admin token of the oldest account. Takes the options of `npm start`, and
 * needs the service of that data folder, or that database, to run.
 */
async function main(args: readonly string[]): Promise<number> {
  try {
    const command = loadConfig(args, process.env, process.cwd())
    if (command.kind === 'SAY') {
      console.log(command.text)
      return 0
    }
    const { databaseUrl, dataFolder, region } = command.config
    console.log(await createToken(databaseUrl ?? clusterUrl(dataFolder), dataFolder, region))
    return 0
  } catch (error) {
    if (!(error instanceof StartFault)) throw error
    for (const line of error.message.split('\n')) console.error(`lambdaql: ${line}`)
    return 1
  }
}

async function createToken(url: string, dataFolder: string, region: string): Promise<string> {
  const database = connectDatabase(url, 'token', () => undefined)
  try {
    const { rows } = await database.pool.query<{ id: string }>('SELECT id FROM account ORDER BY created_at, id LIMIT 1')
    if (rows[0] === undefined) throw new StartFault('there is no account yet; start the service first')
    const access = createAccessTokens({ prisma: database.prisma, clock: systemClock(), region })
    const request = { name: 'command line', role: 'ADMIN', expiresInSeconds: null } as const
    return (await access.create(rows[0].id, request)).secret
  } catch (error) {
    if (!isConnectionFailure(error)) throw error
    throw new StartFault(`no service runs on ${dataFolder}; start it first, or give its --data-dir`, { cause: error })
  } finally {
    await database.stop()
  }
}

process.exit(await main(process.argv.slice(2)))
