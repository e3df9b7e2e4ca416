import { join } from 'node:path'
import type { Config } from '../../src/config.ts'
import { INSTALLATION_FOLDER } from '../../src/installation.ts'

/** Interpreters and tools are fetched once for all tests and kept between runs. */
export const TEST_CACHE_FOLDER = join(INSTALLATION_FOLDER, '.cache')

/** A configuration for tests; a service needs `dataFolder` and `databaseUrl` of its own. */
export function testConfig(changes: Partial<Config> = {}): Config {
  return {
    host: '127.0.0.1',
    port: 0,
    dataFolder: '/nonexistent',
    cacheFolder: TEST_CACHE_FOLDER,
    databaseUrl: null,
    region: 'us-east-1',
    driver: 'bubblewrap',
    isolation: 'lenient',
    // Each service would make some ahead, which most tests have no use for.
    network: 'none',
    memoryBudgetMiB: 8_192,
    keepAliveMs: 600_000,
    prestarted: 0,
    scaleOutRate: 1_000,
    startRate: 'off',
    openExecutionLimit: 1_000_000,
    drainMs: 10_000,
    retentionMs: 30 * 86_400_000,
    timeScale: 1,
    logLevel: 'error',
    ...changes,
  }
}
