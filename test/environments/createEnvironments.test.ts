import { readdirSync } from 'node:fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { temporaryFolder } from '../kit/temporaryFolder.ts'
import { createTestEnvironments } from '../kit/testEnvironments.ts'

afterEach(() => vi.unstubAllEnvs())

describe('stopping', () => {
  it.each(['bubblewrap', 'process'] as const)('twice is stopping once, and leaves no files: %s', async (driver) => {
    using folder = temporaryFolder()
    vi.stubEnv('TMPDIR', folder.path)
    const kit = createTestEnvironments({ driver })
    const { value } = await kit.run(kit.spec({ 'index.js': 'exports.handler = async () => "ran"' }))
    expect(value).toBe('ran')
    await Promise.all([kit.pool.stop(), kit.pool.stop()])
    await kit[Symbol.asyncDispose]()
    expect(readdirSync(folder.path)).toEqual([])
  })
})

describe('strict isolation', () => {
  it('does not start where functions would not be isolated, and says why and what to do', () => {
    expect(() => createTestEnvironments({ driver: 'process', isolation: 'strict' })).toThrow(
      /^--isolation strict: functions are not isolated: .* Mend that, or start with --isolation lenient to do without$/,
    )
  })
})
