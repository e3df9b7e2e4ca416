/** One thumbnail of a decoded image: `{ name, mime, width, height, bytes, image }`, `image` in base64. Leaves the source as it is. */
exports.makeThumbnail = async (source, { name, width, height, fit }, quality) => {
  const thumbnail = fit === 'cover' ? covering(source, width, height) : inside(source, width, height)
  const encoded = await thumbnail.getBuffer(source.mime, source.mime === 'image/jpeg' ? { quality } : {})
  return {
    name,
    mime: source.mime,
    width: thumbnail.width,
    height: thumbnail.height,
    bytes: encoded.length,
    image: encoded.toString('base64'),
  }
}

/** The whole image, its proportions kept, no larger than it was. */
function inside(source, width, height) {
  const scale = Math.min(1, width / source.width, height / source.height)
  return source.clone().resize({ w: atLeastOne(source.width * scale), h: atLeastOne(source.height * scale) })
}

/** The middle of the image in exactly these proportions, no larger than it was. */
function covering(source, width, height) {
  const scale = Math.min(1, source.width / width, source.height / height)
  return source.clone().cover({ w: atLeastOne(width * scale), h: atLeastOne(height * scale) })
}

function atLeastOne(pixels) {
  return Math.max(1, Math.round(pixels))
}
