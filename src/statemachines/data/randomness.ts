import { randomUUID } from 'node:crypto'

/** Where chance comes from, so that a test can decide it. */
export interface Randomness {
  /** A number from 0 up to 1, without 1. */
  next(): number
  uuid(): string
}

export const SYSTEM_RANDOMNESS: Randomness = { next: () => Math.random(), uuid: () => randomUUID() }

/** The numbers that follow from a seed: always the same for the same seed. Reckoned as java.util.Random does. */
export function seededRandom(seed: number): () => number {
  const MASK = (1n << 48n) - 1n
  let state = (BigInt(Math.trunc(seed)) ^ 0x5deece66dn) & MASK
  const bits = (count: number): number => {
    state = (state * 0x5deece66dn + 0xbn) & MASK
    return Number(state >> BigInt(48 - count))
  }
  return () => (bits(26) * 2 ** 27 + bits(27)) / 2 ** 53
}
