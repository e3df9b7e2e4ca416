import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/kit/globalDatabase.ts'],
    reporters: ['default', './test/kit/countsReporter.ts'],
    // Tests start processes and databases: a stall of the machine is not a failure.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
  },
})
