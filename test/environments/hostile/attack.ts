import { expect } from 'vitest'
import type { EnvironmentSpec } from '../../../src/environments/contract.ts'
import { systemClock } from '../../../src/model/clock.ts'
import type { OutboundNetwork } from '../../../src/network/contract.ts'
import { createTestEnvironments, type Ran, type TestEnvironments } from '../../kit/testEnvironments.ts'

/** Environments under attack, with a function of somebody else that must go on working. */
export interface Attacked extends TestEnvironments {
  /** Runs a hostile handler once, and then proves that the service still runs its bystander's function. */
  attack(spec: EnvironmentSpec, event?: unknown): Promise<Ran>
  /** A Node.js function of one file; the body sees `event`, `context` and `require`. */
  node(body: string, changes?: Partial<EnvironmentSpec>): EnvironmentSpec
  /** A Python function of one file; the source defines `handler(event, context)`. */
  python(source: string, changes?: Partial<EnvironmentSpec>): EnvironmentSpec
}

/** Hostile functions run here: real sandboxes, the real pool. */
export function createAttacked(
  changes: Parameters<typeof createTestEnvironments>[0] = {},
  network: OutboundNetwork | null = null,
): Attacked {
  const environments = createTestEnvironments(changes, systemClock(), { network })
  const bystander = environments.spec({ 'index.js': 'exports.handler = async (event) => ({ echo: event })' })
  return {
    ...environments,
    node: (body, specChanges) =>
      environments.spec({ 'index.js': `exports.handler = async (event, context) => {\n${body}\n}` }, specChanges),
    python: (source, specChanges) =>
      environments.spec({ 'index.py': source }, { runtime: 'python3.11', ...specChanges }),
    async attack(spec, event) {
      const ran = await environments.run(spec, event)
      const { value } = await environments.run(bystander, { still: 'here' })
      expect(value).toEqual({ echo: { still: 'here' } })
      return ran
    },
    [Symbol.asyncDispose]: () => environments[Symbol.asyncDispose](),
  }
}
