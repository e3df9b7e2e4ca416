import { inject } from 'vitest'

/** The PostgreSQL of this process: files that run at the same time have one each. */
export function postgresUrl(): string {
  const urls = inject('postgresUrls')
  return urls[(Number(process.env['VITEST_POOL_ID']) - 1) % urls.length]!
}
