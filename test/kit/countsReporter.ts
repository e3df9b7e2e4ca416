import type { Reporter, TestModule } from 'vitest/node'

/** Ends a run with one line of counts, alone on its line: `12 passed, 0 failed, 0 skipped`. */
export default class CountsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0 }
    for (const module of modules) {
      // A file that cannot even be loaded has no tests to count.
      if (module.errors().length > 0) counts.failed += 1
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        counts[state === 'pending' ? 'skipped' : state] += 1
      }
    }
    // A run that skips proves less than it seems to: where it must prove everything, that is a failure.
    if (process.env['CI'] && counts.skipped > 0) process.exitCode = 1
    console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
  }
}
