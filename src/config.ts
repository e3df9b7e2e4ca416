import type { StartRateSetting } from './model/executionLimits.ts'

/** Everything that can be set, frozen. The only other place that reads the environment is nowhere. */
export interface Config {
  /** Address to listen on. */
  readonly host: string
  /** Port to listen on; 0 takes any free one. */
  readonly port: number
  /** Absolute path of the folder with the database, the code cache and the service's own files. */
  readonly dataFolder: string
  /** Absolute path of the folder with what can be fetched again: interpreters, tools. Several instances may share it. */
  readonly cacheFolder: string
  /** Connection string of a PostgreSQL to use; null starts the embedded one. */
  readonly databaseUrl: string | null
  /** Region of requests that name none, for example `us-east-1`. */
  readonly region: string
  /** How environments are isolated; `process` means not at all. */
  readonly driver: 'bubblewrap' | 'process'
  /** What is done where the machine cannot enforce a part of the isolation: warn, or not start at all. */
  readonly isolation: 'lenient' | 'strict'
  /** Whether functions may have a way out of their sandboxes at all. */
  readonly network: 'internet' | 'none'
  /** Memory that execution environments may be granted in all, in MiB. */
  readonly memoryBudgetMiB: number
  /** How long an idle environment is kept, in milliseconds. */
  readonly keepAliveMs: number
  /** How many environments of each kind in use are started ahead: a number, 0 for none, or what cold starts call for. */
  readonly prestarted: number | 'auto'
  /** How many more environments a function may get in ten seconds. */
  readonly scaleOutRate: number
  /** How fast executions of state machines may be started, for each account and region. */
  readonly startRate: StartRateSetting
  /** How many Standard executions of an account may be open in a region. */
  readonly openExecutionLimit: number
  /** How long running invocations may go on after a request to stop, in milliseconds. */
  readonly drainMs: number
  /** How long logs and finished invocations are kept at least, in milliseconds; null keeps them for ever. */
  readonly retentionMs: number | null
  /** Milliseconds are divided by this where retries, schedules and leases wait: 60 makes a minute a second. */
  readonly timeScale: number
  /** Least severe level that is logged. */
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
}
