import { afterAll, describe, expect, it } from 'vitest'
import { createTestEnvironments } from '../kit/testEnvironments.ts'

const kit = createTestEnvironments()
afterAll(() => kit[Symbol.asyncDispose]())

const node = (code: string, changes = {}) => kit.spec({ 'index.js': code }, changes)

describe('a Node.js handler', () => {
  it('returns what its promise resolves with', async () => {
    const ran = await kit.run(node('exports.handler = async (event) => ({ echo: event })'), { a: [1, 'ü'] })
    expect(ran.value).toEqual({ echo: { a: [1, 'ü'] } })
    expect(ran.outcome.kind).toBe('SUCCEEDED')
  })
})
