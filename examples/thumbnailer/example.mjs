import { readFile } from 'node:fs/promises'
import { join, parse } from 'node:path'

const folder = import.meta.dirname

const IMAGES = ['lake.jpg', 'lake-portrait.jpg', 'badge.png']

const SIZES = [
  { name: 'large', width: 800, height: 800, fit: 'inside' },
  { name: 'small', width: 320, height: 320, fit: 'inside' },
  { name: 'square', width: 128, height: 128, fit: 'cover' },
]

export default {
  name: 'thumbnailer',
  folder,
  function: {
    functionName: 'example-thumbnailer',
    description: 'Thumbnails of photographs, in JavaScript alone',
    runtime: 'NODEJS20_X',
    handler: 'index.handler',
    memoryMiB: 1024,
    timeoutSeconds: 30,
    environment: [],
  },
  code: ['index.js', 'image.js', 'makeThumbnail.js', 'readRequest.js', 'package.json', 'node_modules'],

  readCases() {
    return Promise.all(
      IMAGES.map(async (name) => ({
        name,
        event: { image: await readFile(join(folder, 'input', name), 'base64'), sizes: SIZES, quality: 82 },
      })),
    )
  },

  present({ name }, { source, thumbnails }) {
    if (thumbnails.length !== SIZES.length)
      throw new Error(`${thumbnails.length} thumbnails instead of ${SIZES.length}`)
    const image = parse(name)
    return {
      summary: `${source.width}x${source.height} to ${thumbnails.map(({ width, height }) => `${width}x${height}`).join(', ')}`,
      files: thumbnails.map((thumbnail) => ({
        name: `${image.name}-${thumbnail.name}${image.ext}`,
        content: Buffer.from(thumbnail.image, 'base64'),
      })),
    }
  },
}
