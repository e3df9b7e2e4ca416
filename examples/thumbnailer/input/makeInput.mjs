/**
 * Draws the input images of this example: `node examples/thumbnailer/input/makeInput.mjs`, after `npm ci` in
 * `examples/thumbnailer`. Nothing in them is taken from anywhere; they are in the public domain (CC0 1.0).
 *
 * - lake.jpg: mountains over a lake in the evening, a height field of fractal noise, looked at from the shore.
 * - lake-portrait.jpg: a part of it, stored lying on its side with the EXIF note that says so, as telephones do.
 * - badge.png: a round badge with a transparent surrounding.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import imageModule from '../image.js'
import { drawBadge } from './badge.mjs'
import { drawLake } from './lake.mjs'
import { withOrientation } from './orientation.mjs'

const { Image } = imageModule
const QUALITY = 86

const lake = new Image(drawLake(1600, 1066))
writeFileSync(join(import.meta.dirname, 'lake.jpg'), await lake.getBuffer('image/jpeg', { quality: QUALITY }))

const upright = lake.clone().crop({ x: 760, y: 120, w: 600, h: 900 })
const lying = new Image(turnedLeft(upright.bitmap))
const sideways = await lying.getBuffer('image/jpeg', { quality: QUALITY })
const TURN_RIGHT_TO_VIEW = 6
writeFileSync(join(import.meta.dirname, 'lake-portrait.jpg'), withOrientation(sideways, TURN_RIGHT_TO_VIEW))

const badge = new Image(drawBadge(640))
writeFileSync(join(import.meta.dirname, 'badge.png'), await badge.getBuffer('image/png', {}))

function turnedLeft({ data, width, height }) {
  const turned = Buffer.alloc(data.length)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      data.copy(turned, ((width - 1 - x) * height + y) * 4, (y * width + x) * 4, (y * width + x) * 4 + 4)
    }
  }
  return { data: turned, width: height, height: width }
}
