import { vi } from 'vitest'

/** Tries until a check passes: a machine that is busy with other tests may need a while. */
export function eventually<Value>(check: () => Value | Promise<Value>): Promise<Value> {
  return vi.waitFor(check, { timeout: 20_000, interval: 25 })
}
