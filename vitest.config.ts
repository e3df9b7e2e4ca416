import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'

/** Files that take all of the machine, or watch what happens in it second by second: one at a time. */
const ALONE = [
  'test/load/**/*.test.ts',
  'test/environments/{prestarted,provisioning,telemetry}/*.test.ts',
  'test/environments/{extensions,pool,provisioned*,revisionWatch}.test.ts',
]
/** Files that measure the memory or the descriptors of their own process: one at a time, in a new process each. */
const ISOLATED = ['test/environments/{drivers,hostile}/*.test.ts', 'test/environments/responseStreams.test.ts']
/** Of the others: many wait for processes, clocks and databases rather than for a core. */
const AT_A_TIME = Math.max(2, availableParallelism())

type TestOptions = NonNullable<TestProjectInlineConfiguration['test']>

function project(test: TestOptions): TestProjectInlineConfiguration {
  return {
    // As Node resolves it: vitest would load its ES modules beside the CommonJS ones of its users, and graphql refuses
    // to be there twice.
    resolve: { alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql')) }] },
    test: {
      // Tests start processes and databases: a stall of the machine is not a failure.
      testTimeout: 30_000,
      hookTimeout: 60_000,
      expect: { poll: { timeout: 20_000 } },
      pool: 'forks',
      // Loading the service anew for each file takes 1.4 s.
      isolate: false,
      ...test,
    },
  }
}

export default defineConfig({
  test: {
    globalSetup: ['test/kit/globalDatabase.ts', 'test/kit/globalScripts.ts'],
    reporters: ['default', './test/kit/countsReporter.ts'],
    maxWorkers: AT_A_TIME,
    projects: [
      project({
        name: 'together',
        include: ['test/**/*.test.ts'],
        exclude: [...ALONE, ...ISOLATED],
        maxWorkers: AT_A_TIME,
        sequence: { groupOrder: 0 },
      }),
      project({ name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 1 } }),
      project({ name: 'isolated', include: ISOLATED, isolate: true, maxWorkers: 1, sequence: { groupOrder: 2 } }),
    ],
  },
})
