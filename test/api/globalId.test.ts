import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GLOBAL_TYPES, globalId, keyOf, readGlobalId } from '../../src/api/globalId.ts'

describe('an opaque id', () => {
  it('reads back as the type and key it was made of', () => {
    for (const type of GLOBAL_TYPES) {
      const key = type === 'Account' ? '123456789012' : randomUUID()
      expect(readGlobalId(globalId(type, key))).toEqual({ type, key })
      expect(keyOf(type, globalId(type, key))).toBe(key)
      expect(keyOf(type === 'Alias' ? 'Function' : 'Alias', globalId(type, key))).toBeNull()
    }
  })

  it('is nothing where it is anything else', () => {
    const others = [
      '',
      'Function',
      globalId('Function', 'x'),
      globalId('Account', randomUUID()),
      `${globalId('Function', randomUUID())}=`,
      ` ${globalId('Function', randomUUID())}`,
      Buffer.from(`Unknown:${randomUUID()}`).toString('base64url'),
      Buffer.from(`Function:${randomUUID()}:x`).toString('base64url'),
      globalId('Function', randomUUID().toUpperCase()),
    ]
    for (const id of others) expect(readGlobalId(id)).toBeNull()
    fc.assert(fc.property(fc.string(), (id) => readGlobalId(id) === null))
  })
})
