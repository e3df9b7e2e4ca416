const FITS = ['inside', 'cover']
const MOST_SIZES = 10
const LARGEST_SIDE = 4096

/** The event is not what the function takes. */
class InvalidRequest extends Error {
  name = 'InvalidRequest'
}

/** The image is none, or of a format that the function does not read. */
class InvalidImage extends Error {
  name = 'InvalidImage'
}

/** The event as `{ bytes, sizes, quality }`, complete and within bounds. Throws InvalidRequest. */
function readRequest(event) {
  const { image, sizes, quality = 80 } = event ?? {}
  if (typeof image !== 'string' || image === '') throw new InvalidRequest('image is a JPEG or PNG file in base64.')
  if (!Array.isArray(sizes) || sizes.length === 0 || sizes.length > MOST_SIZES) {
    throw new InvalidRequest(`sizes is a list of 1 to ${MOST_SIZES} sizes.`)
  }
  if (!isWholeNumber(quality, 1, 100)) throw new InvalidRequest('quality is a whole number from 1 to 100.')
  return { bytes: Buffer.from(image, 'base64'), sizes: sizes.map(readSize), quality }
}

function readSize({ name, width, height, fit = 'inside' }, index) {
  if (typeof name !== 'string' || name === '') throw new InvalidRequest(`sizes[${index}] needs a name.`)
  if (!isWholeNumber(width, 1, LARGEST_SIDE) || !isWholeNumber(height, 1, LARGEST_SIDE)) {
    throw new InvalidRequest(`width and height of ${name} are whole numbers of pixels from 1 to ${LARGEST_SIDE}.`)
  }
  if (!FITS.includes(fit)) throw new InvalidRequest(`fit of ${name} is one of ${FITS.join(', ')}.`)
  return { name, width, height, fit }
}

function isWholeNumber(value, least, most) {
  return Number.isInteger(value) && value >= least && value <= most
}

module.exports = { readRequest, InvalidRequest, InvalidImage }
