/** A reproducible pseudo-random number from 0 to 1 for a point of the integer grid. */
function hash(x, y) {
  let h = Math.imul(x, 374761393) + Math.imul(y, 668265263)
  h = Math.imul(h ^ (h >>> 13), 1274126177)
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296
}

/** Smooth noise from 0 to 1: one hill or dale to each unit of x and y. */
export function noise(x, y) {
  const left = Math.floor(x)
  const top = Math.floor(y)
  const u = smooth(x - left)
  const v = smooth(y - top)
  const upper = mix(hash(left, top), hash(left + 1, top), u)
  const lower = mix(hash(left, top + 1), hash(left + 1, top + 1), u)
  return mix(upper, lower, v)
}

/** Fractal noise from 0 to 1: each octave has twice the detail of the one before and `roughness` times its height. */
export function fractal(x, y, octaves, roughness = 0.5) {
  let sum = 0
  let height = 1
  let total = 0
  for (let octave = 0; octave < octaves; octave += 1) {
    sum += height * noise(x, y)
    total += height
    height *= roughness
    // Turned a little each time, so that the grid does not show.
    ;[x, y] = [1.6 * x + 1.2 * y + 17.3, 1.6 * y - 1.2 * x + 41.7]
  }
  return sum / total
}

/** Like `fractal`, with ridges where noise has its middle: what mountains look like. */
export function ridged(x, y, octaves) {
  let sum = 0
  let height = 1
  let total = 0
  let weight = 1
  for (let octave = 0; octave < octaves; octave += 1) {
    const ridge = (1 - Math.abs(2 * noise(x, y) - 1)) ** 2
    sum += height * ridge * weight
    total += height
    weight = Math.min(1, ridge * 1.6)
    height *= 0.48
    ;[x, y] = [1.6 * x + 1.2 * y + 5.1, 1.6 * y - 1.2 * x + 9.2]
  }
  return sum / total
}

export const mix = (a, b, share) => a + (b - a) * share
export const clamp = (value, least = 0, most = 1) => Math.min(most, Math.max(least, value))
export const smooth = (t) => t * t * (3 - 2 * t)
/** 0 below `from`, 1 above `to`, smooth between. */
export const step = (from, to, value) => smooth(clamp((value - from) / (to - from)))
export const mixColour = (a, b, share) => [mix(a[0], b[0], share), mix(a[1], b[1], share), mix(a[2], b[2], share)]
