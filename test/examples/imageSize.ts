/** Format and size of an image, in pixels. */
export interface ImageSize {
  readonly format: 'jpeg' | 'png'
  readonly width: number
  readonly height: number
}

const PNG_SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex')

/** Reads them out of the bytes of a PNG (its IHDR) or a JPEG (its start of frame), without decoding the picture. */
export function imageSize(bytes: Buffer): ImageSize {
  if (bytes.subarray(0, 8).equals(PNG_SIGNATURE)) {
    return { format: 'png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
  }
  if (bytes.readUInt16BE(0) !== 0xffd8) throw new Error('neither PNG nor JPEG')
  let at = 2
  for (;;) {
    const marker = bytes.readUInt16BE(at)
    // Frames are SOF0 to SOF15 without the three that are tables: DHT, JPG and DAC.
    const isFrame = marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker)
    if (isFrame) return { format: 'jpeg', width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) }
    at += 2 + bytes.readUInt16BE(at + 2)
  }
}
