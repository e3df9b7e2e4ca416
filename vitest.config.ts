import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  // As Node resolves it: vitest would load its ES modules beside the CommonJS ones of its users, and graphql refuses to
  // be there twice.
  resolve: { alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql')) }] },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/kit/globalDatabase.ts'],
    reporters: ['default', './test/kit/countsReporter.ts'],
    // Tests start processes and databases: a stall of the machine is not a failure.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    pool: 'forks',
    // Many tests wait for processes, clocks and databases rather than for a core.
    maxWorkers: Math.max(2, availableParallelism()),
  },
})
