import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism, platform } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import { StartFault } from '../errors.ts'
import { INSTALLATION_FOLDER } from '../installation.ts'
import type { Log } from '../log.ts'
import type { Clock } from '../model/clock.ts'
import type { OutboundNetwork } from '../network/contract.ts'
import { createBootstraps } from './bootstraps.ts'
import type { CodeStore, EnvironmentPool } from './contract.ts'
import { createBubblewrapDriver } from './drivers/bubblewrap.ts'
import type { Driver } from './drivers/contract.ts'
import { createProcessDriver } from './drivers/process.ts'
import { createEnvironmentPool } from './pool.ts'
import { PrestartedSandboxes } from './prestarted/prestartedSandboxes.ts'
import { createProcessorLoad, type ProcessorLoad } from './processorLoad.ts'
import { createEnvironmentRuntimes, type EnvironmentRuntimes } from './runtimes.ts'
import { createScaleOut } from './scaleOut.ts'
import { createStartEnvironment } from './startEnvironment.ts'
import { createStartSandbox } from './startSandbox.ts'

/** The execution environments of this node and the interpreters that they run. */
export interface Environments {
  readonly pool: EnvironmentPool
  readonly runtimes: EnvironmentRuntimes
}

export interface EnvironmentsOptions {
  readonly config: Config
  readonly clock: Clock
  readonly codeStore: CodeStore
  readonly log: Log
  /** The way out for functions; null where they have only their own loopback. */
  readonly network: OutboundNetwork | null
  /** How busy the machine is; as it says itself, unless something else is given. */
  readonly load?: ProcessorLoad
}

/** What the bootstraps and the sandbox's own files are read from: they are not compiled, so src has them always. */
const ASSETS = join(INSTALLATION_FOLDER, 'src', 'environments')

/** Composes the room. Throws a StartFault where functions cannot be run as the configuration says. */
export function createEnvironments({
  config,
  clock,
  codeStore,
  log,
  network,
  load = createProcessorLoad(),
}: EnvironmentsOptions): Environments {
  const { cacheFolder } = config
  const progress = (sentence: string) => log.info(sentence)
  const reportFault = (error: unknown) => log.error(error)
  const runtimes = createEnvironmentRuntimes({ cacheFolder, progress })
  const driver: Driver & Partial<Disposable> =
    config.driver === 'process' ? createProcessDriver() : bubblewrap(config, network, reportFault)
  if (config.isolation === 'strict' && driver.shortcomings.length > 0) {
    driver[Symbol.dispose]?.()
    const reasons = driver.shortcomings.join('; ')
    throw new StartFault(`--isolation strict: ${reasons}. Mend that, or start with --isolation lenient to do without`)
  }
  for (const shortcoming of driver.shortcomings) log.warn(shortcoming)
  const bootstraps = createBootstraps({ sources: join(ASSETS, 'runtimes'), cacheFolder, driver, progress })
  const supervisorScript = readFileSync(join(ASSETS, 'extensions', 'supervise.sh'), 'utf8')
  const wrapperScript = readFileSync(join(ASSETS, 'startWrapped.sh'), 'utf8')
  const startSandbox = createStartSandbox({
    ...{ driver, runtimes, codeStore, bootstraps },
    ...{ supervisorScript, wrapperScript },
  })
  const pool = createEnvironmentPool({
    clock,
    start: createStartEnvironment({ startSandbox, codeStore, clock }),
    createPrestarted: (onReplenishable) =>
      new PrestartedSandboxes({
        clock,
        setting: config.prestarted,
        startSandbox,
        makeSlot: codeStore.makeSlot,
        reportFault,
        onReplenishable,
      }),
    memoryBudgetMiB: config.memoryBudgetMiB,
    keepAliveMs: config.keepAliveMs,
    scaleOut: createScaleOut(clock, config.scaleOutRate),
    reportFault,
    parallelStarts: Math.max(4, 2 * availableParallelism()),
    load,
  })
  let stopped: Promise<void> | null = null
  async function stop(): Promise<void> {
    await pool.stop()
    driver[Symbol.dispose]?.()
    network?.stop()
  }
  return {
    runtimes: {
      ...runtimes,
      // A function is active when everything that it needs is there: what is compiled at the first use, too.
      async ensure(runtime) {
        const interpreter = await runtimes.ensure(runtime)
        await bootstraps.folderFor(interpreter)
        return interpreter
      },
    },
    pool: {
      ...pool,
      stop() {
        stopped ??= stop()
        return stopped
      },
    },
  }
}

function bubblewrap(
  { cacheFolder, dataFolder }: Config,
  network: OutboundNetwork | null,
  onError: (error: unknown) => void,
): Driver & Disposable {
  if (platform() !== 'linux') {
    throw new StartFault(
      'functions are isolated with bubblewrap, which only Linux has; start with --driver process to do without',
    )
  }
  const fetched = join(cacheFolder, 'bubblewrap', 'usr', 'bin', 'bwrap')
  const program = ['/usr/bin/bwrap', '/usr/local/bin/bwrap', '/bin/bwrap', fetched].find((path) => existsSync(path))
  if (program === undefined) {
    throw new StartFault(
      'functions are isolated with bubblewrap, which is not on this machine; install it (apt-get install bubblewrap, ' +
        'dnf install bubblewrap, apk add bubblewrap), or start with --driver process to do without isolation',
    )
  }
  return createBubblewrapDriver({
    ...{ program, network, onError },
    rootfs: join(ASSETS, 'rootfs'),
    runFolder: join(dataFolder, 'sandboxes'),
  })
}
