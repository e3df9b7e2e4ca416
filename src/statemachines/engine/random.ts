/** One more random number in [0, 1), by the splitmix32 of a seed and of how many were drawn before. */
export function randomAt(seed: number, drawn: number): number {
  let z = (seed + Math.imul(drawn + 1, 0x9e3779b9)) | 0
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
  return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32
}
