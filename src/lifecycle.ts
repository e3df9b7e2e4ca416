import { keepToken, readKeptToken } from './cli/accessTokenFile.ts'
import { startBanner } from './cli/banner.ts'
import { onStopSignal } from './cli/stopSignals.ts'
import type { Service } from './compose.ts'
import type { Config } from './config.ts'
import type { Database } from './db/database.ts'
import { type DataFolder, openDataFolder } from './db/dataFolder.ts'
import { errorCode } from './db/errorCode.ts'
import { openDatabase } from './db/openDatabase.ts'
import { pause } from './db/pause.ts'
import { StartFault } from './errors.ts'
import { loadConfig } from './loadConfig.ts'
import { createLog, type Log } from './log.ts'

/** Makes the service out of its rooms. Throws where it cannot listen. */
export type Compose = (config: Config, database: Database, log: Log) => Promise<Service>

/** What handing back unfinished invocations and closing connections may take after the drain's own time. */
const STOP_GRACE_MS = 5_000

/**
 * The life of the process, from the command line to its exit code: 0 after a clean stop, 1 when it could not start or
 * could not stop in time. Prints one line for each reason why it cannot start.
 */
export async function run(args: readonly string[], compose: Compose): Promise<number> {
  try {
    const command = loadConfig(args, process.env, process.cwd())
    if (command.kind === 'SAY') {
      console.log(command.text)
      return 0
    }
    for (const note of command.notes) say(note)
    return await runService(command.config, compose)
  } catch (error) {
    if (!(error instanceof StartFault)) throw error
    for (const line of error.message.split('\n')) say(line)
    return 1
  }
}

async function runService(config: Config, compose: Compose): Promise<number> {
  // From here on a signal is a request to stop, also during the start: nothing may be left running.
  using stopSignal = onStopSignal()
  using dataFolder = openDataFolder(config.dataFolder)
  const log = createLog(config.logLevel)
  const database = await openDatabase({
    dataFolder,
    databaseUrl: config.databaseUrl,
    progress: say,
    report: (sentence) => log.warn(sentence),
  })
  stopSignal.onSecond(() => database.abandon())
  try {
    const service = await composeOrExplain(config, database, log, compose)
    if (!stopSignal.wasGiven()) greet(config, service, dataFolder)
    await stopSignal.given
    say('stopping; running invocations may finish')
    return (await stopsInTime(service, config.drainMs)) ? 0 : 1
  } finally {
    await database.stop()
  }
}

async function composeOrExplain(config: Config, database: Database, log: Log, compose: Compose): Promise<Service> {
  try {
    return await compose(config, database, log)
  } catch (error) {
    const sentence = LISTEN_FAILURES[errorCode(error) ?? '']
    throw sentence === undefined ? error : new StartFault(sentence(config), { cause: error })
  }
}

const LISTEN_FAILURES: Readonly<Record<string, (config: Config) => string>> = {
  EADDRINUSE: ({ host, port }) => `port ${port} on ${host} is taken; choose another with --port`,
  EACCES: ({ host, port }) => `port ${port} on ${host} may not be used without more rights; choose another with --port`,
  EADDRNOTAVAIL: ({ host }) => `the address ${host} is not one of this machine; choose another with --host`,
  ENOTFOUND: ({ host }) => `the host name ${host} is not known; choose another with --host`,
}

function greet(config: Config, service: Service, dataFolder: DataFolder): void {
  if (service.firstToken !== null) keepToken(dataFolder.path, service.firstToken)
  console.log(startBanner(service.url, service.firstToken ?? readKeptToken(dataFolder.path), config.dataFolder))
}

/** False when the service did not stop in time; its invocations are then taken over by whoever starts next. */
async function stopsInTime(service: Service, drainMs: number): Promise<boolean> {
  const late = new AbortController()
  const isStopped = await Promise.race([
    service.stop(AbortSignal.timeout(drainMs)).then(() => true),
    pause(drainMs + STOP_GRACE_MS, late.signal).then(() => false),
  ])
  late.abort()
  if (!isStopped) say('the service did not stop in time')
  return isStopped
}

function say(sentence: string): void {
  process.stderr.write(`lambdaql: ${sentence}\n`)
}
