import { clamp, fractal, mix, mixColour, noise, ridged, step } from './noise.mjs'

const EYE_HEIGHT = 1.1
const WATER_HEIGHT = 0
const FARTHEST = 230
const SUN = { x: 0.7, y: 0.36 }
const LIGHT = normalised([0.62, 0.42, 0.25])
const ZENITH = [0.17, 0.3, 0.52]
const HORIZON = [0.98, 0.72, 0.47]
const GLOW = [1, 0.86, 0.6]
const HAZE = [0.8, 0.66, 0.58]

/** A picture of mountains over a lake, as `{ width, height, data }` with four bytes to a pixel. The same on every machine. */
export function drawLake(width, height) {
  const horizon = Math.round(height * 0.6)
  const pixels = Array.from({ length: height }, () => new Array(width))
  for (let x = 0; x < width; x += 1) drawColumn(pixels, x, width, height, horizon)
  reflect(pixels, width, height, horizon)
  return { width, height, data: develop(pixels, width, height) }
}

/** Height of the ground at a point; the lake lies where it is below 0. */
function ground(x, z) {
  const valley = step(6, 46, Math.abs(x + 6 * Math.sin(z / 21)) + clamp((z - 46) * 0.55, 0, 60))
  const mountains = 27 * ridged(x / 46 + 3.4, z / 46 + 8.1, 8) ** 1.35
  const hills = 2.2 * fractal(x / 7, z / 7, 6) - 1.5
  return hills * 0.7 * (0.4 + valley) + mountains * valley - 1.4 * (1 - valley)
}

/** From near to far: each step draws what rises above all that is nearer, and the sky is what is left. */
function drawColumn(pixels, x, width, height, horizon) {
  const across = (x / width - 0.5) * 1.15
  const focal = height * 0.95
  let drawnFrom = horizon
  for (let z = 4; z < FARTHEST; z *= 1.0022) {
    const groundX = across * z
    const y = ground(groundX, z)
    if (y < WATER_HEIGHT) continue
    const top = Math.max(0, Math.round(horizon - ((y - EYE_HEIGHT) / z) * focal))
    if (top >= drawnFrom) continue
    const colour = groundColour(groundX, y, z)
    for (let row = top; row < drawnFrom; row += 1) pixels[row][x] = colour
    drawnFrom = top
  }
  for (let row = 0; row < drawnFrom; row += 1) pixels[row][x] = skyColour(x / width, row / height, height / width)
}

function groundColour(x, y, z) {
  const gap = 0.12 + z * 0.002
  const slopeX = (ground(x + gap, z) - ground(x - gap, z)) / (2 * gap)
  const slopeZ = (ground(x, z + gap) - ground(x, z - gap)) / (2 * gap)
  const normal = normalised([-slopeX, 1, -slopeZ])
  const lit = clamp(normal[0] * LIGHT[0] + normal[1] * LIGHT[1] + normal[2] * LIGHT[2])
  const grain = fractal(x * 1.7, z * 1.7, 4)

  const grass = mixColour([0.16, 0.2, 0.07], [0.4, 0.36, 0.14], grain)
  const forest = mixColour([0.04, 0.075, 0.045], [0.1, 0.14, 0.07], noise(x * 4.1, z * 4.1))
  const rock = mixColour([0.27, 0.24, 0.23], [0.5, 0.45, 0.42], grain)
  const snow = [0.96, 0.96, 1]
  let colour = mixColour(grass, forest, step(0.42, 0.56, fractal(x / 5, z / 5, 4)) * step(0.4, 1.2, y))
  colour = mixColour(colour, rock, step(4.5, 8, y + 2.4 * grain) + 0.8 * step(0.35, 0.15, normal[1]))
  colour = mixColour(colour, snow, step(9.5, 12.5, y + 3 * grain) * step(0.3, 0.6, normal[1]))

  const sun = [1.5, 1.12, 0.76]
  const shade = [0.25, 0.32, 0.46]
  const shaded = colour.map((part, index) => part * (shade[index] + lit * sun[index]))
  return mixColour(shaded, HAZE, 1 - Math.exp(-z / 190))
}

function skyColour(u, v, aspect) {
  const height = clamp(v / 0.6)
  const base = mixColour(ZENITH, HORIZON, height ** 2.1)
  const distance = Math.hypot(u - SUN.x, (v - SUN.y) * aspect)
  const glowing = mixColour(base, GLOW, 0.85 * Math.exp(-distance * 7) + step(0.026, 0.02, distance))
  const depth = 0.5 / (1.08 - height)
  const cloud = step(0.5, 0.74, fractal(u * 3.1 * depth + 2.2, depth * 3.4 + 0.7, 6, 0.55)) * (1 - 0.55 * height)
  const cloudColour = mixColour([0.58, 0.49, 0.52], [1.08, 0.82, 0.64], Math.exp(-distance * 2.4))
  return mixColour(glowing, cloudColour, 0.85 * cloud)
}

/** The water below the horizon mirrors what is above it, shaken by waves that grow towards the eye. */
function reflect(pixels, width, height, horizon) {
  for (let row = horizon; row < height; row += 1) {
    const near = (row - horizon) / (height - horizon)
    const distance = 1 / (near + 0.02)
    for (let x = 0; x < width; x += 1) {
      const wave = fractal((x - width / 2) * 0.012 * distance * 0.35, distance * 9, 4) - 0.5
      const mirroredRow = clamp(Math.round(2 * horizon - row + wave * 95 * near ** 0.8), 0, horizon - 1)
      const mirroredX = clamp(Math.round(x + wave * 16 * near), 0, width - 1)
      const deep = [0.035, 0.085, 0.115]
      const shown = mixColour(pixels[mirroredRow][mirroredX], deep, mix(0.22, 0.62, near) + wave * 0.25)
      pixels[row][x] = shown
    }
  }
}

/** What a camera does: exposure, a darker edge, grain, and eight bits a colour. */
function develop(pixels, width, height) {
  const data = Buffer.alloc(width * height * 4, 255)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const edge = 1 - 0.34 * (((x / width - 0.5) ** 2 + (y / height - 0.5) ** 2) / 0.5)
      const grain = (noise(x * 1.9 + 0.31, y * 1.9 + 0.77) - 0.5) * 0.022
      pixels[y][x].forEach((part, index) => {
        const exposed = 1 - Math.exp(-1.75 * Math.max(0, part) * edge)
        data[(y * width + x) * 4 + index] = Math.round(clamp(exposed / 0.86 + grain) * 255)
      })
    }
  }
  return data
}

function normalised(vector) {
  const length = Math.hypot(...vector)
  return vector.map((part) => part / length)
}
