import { clamp, mixColour } from './noise.mjs'

const EDGE = [0.07, 0.2, 0.24]
const TOP = [0.1, 0.62, 0.6]
const BOTTOM = [0.05, 0.36, 0.47]
const GLYPH = [1, 0.97, 0.9]
const SAMPLES = 4
// The strokes of a lambda in a square from -1 to 1: one long, one that meets it at two fifths.
const STROKES = [
  [-0.36, -0.56, -0.2, -0.56],
  [-0.2, -0.56, 0.3, 0.54],
  [0.3, 0.54, 0.4, 0.54],
  [0.02, -0.06, -0.34, 0.54],
]
const HALF_STROKE = 0.085

/** A round badge with a lambda on a transparent ground, as `{ width, height, data }` with four bytes to a pixel. */
export function drawBadge(side) {
  const data = Buffer.alloc(side * side * 4)
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) drawPixel(data, x, y, side)
  }
  return { width: side, height: side, data }
}

/** The mean of several samples, which gives smooth edges. Transparent samples count for the alpha only. */
function drawPixel(data, x, y, side) {
  const sum = [0, 0, 0]
  let covered = 0
  for (let sample = 0; sample < SAMPLES * SAMPLES; sample += 1) {
    const u = ((x + ((sample % SAMPLES) + 0.5) / SAMPLES) / side) * 2 - 1
    const v = ((y + (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES) / side) * 2 - 1
    const colour = colourAt(u, v)
    if (colour === null) continue
    covered += 1
    for (let part = 0; part < 3; part += 1) sum[part] += colour[part]
  }
  const at = (y * side + x) * 4
  for (let part = 0; part < 3; part += 1) data[at + part] = covered === 0 ? 0 : Math.round((sum[part] / covered) * 255)
  data[at + 3] = Math.round((covered / (SAMPLES * SAMPLES)) * 255)
}

function colourAt(u, v) {
  const radius = Math.hypot(u, v)
  if (radius > 0.97) return null
  if (STROKES.some((stroke) => distanceTo(stroke, u, v) < HALF_STROKE)) return GLYPH
  if (radius > 0.88) return EDGE
  return mixColour(TOP, BOTTOM, (v + 1) / 2)
}

function distanceTo([fromX, fromY, toX, toY], x, y) {
  const [dx, dy] = [toX - fromX, toY - fromY]
  const along = clamp(((x - fromX) * dx + (y - fromY) * dy) / (dx * dx + dy * dy))
  return Math.hypot(x - fromX - along * dx, y - fromY - along * dy)
}
