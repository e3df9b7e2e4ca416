import { pino } from 'pino'
import type { Config } from './config.ts'

/** What the service says about itself. One line of JSON each on standard error; standard output is for people. */
export interface Log {
  debug(message: string, details?: object): void
  info(message: string, details?: object): void
  warn(message: string, details?: object): void
  /** An exception with its cause, or a sentence. */
  error(error: unknown, details?: object): void
}

export function createLog(level: Config['logLevel']): Log {
  const logger = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  )
  return {
    debug: (message, details = {}) => logger.debug(details, message),
    info: (message, details = {}) => logger.info(details, message),
    warn: (message, details = {}) => logger.warn(details, message),
    error: (error, details = {}) =>
      error instanceof Error
        ? logger.error({ ...details, err: error }, error.message)
        : logger.error(details, String(error)),
  }
}
