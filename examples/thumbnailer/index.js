const { Image } = require('./image.js')
const { makeThumbnail } = require('./makeThumbnail.js')
const { readRequest, InvalidImage } = require('./readRequest.js')

/**
 * Makes thumbnails of a JPEG or PNG image.
 *
 * The event: `{ image: base64, sizes: [{ name, width, height, fit }], quality }`; width and height in pixels, `fit`
 * `inside` (the default: all of the image, within the size) or `cover` (all of the size, the middle of the image),
 * `quality` of a JPEG 1 to 100, 80 when left out.
 *
 * The result: `{ source: { mime, width, height, bytes }, thumbnails: [{ name, mime, width, height, bytes, image }] }`
 * in the order of the sizes and in the format of the source. Images are never enlarged. Fails with `InvalidRequest`
 * or `InvalidImage`.
 */
exports.handler = async (event) => {
  const { bytes, sizes, quality } = readRequest(event)
  const source = await decode(bytes)
  console.log(`decoded ${source.mime}, ${source.width} x ${source.height}, ${bytes.length} bytes`)

  const thumbnails = []
  for (const size of sizes) {
    const begin = performance.now()
    const thumbnail = await makeThumbnail(source, size, quality)
    thumbnails.push(thumbnail)
    const durationMs = Math.round(performance.now() - begin)
    console.log(`${size.name}: ${thumbnail.width} x ${thumbnail.height}, ${thumbnail.bytes} bytes, ${durationMs} ms`)
  }
  return {
    source: { mime: source.mime, width: source.width, height: source.height, bytes: bytes.length },
    thumbnails,
  }
}

/** Turns the image upright too, where a camera noted how it was held. Throws InvalidImage for what is no JPEG or PNG. */
async function decode(bytes) {
  try {
    return await Image.fromBuffer(bytes)
  } catch (error) {
    throw new InvalidImage(`The image cannot be read: ${error.message}`, { cause: error })
  }
}
