/**
 * The same JPEG file with an EXIF block whose only entry is the orientation, 1 to 8 (Exif 2.3, tag 0x0112): 6 means
 * that the picture is to be turned right by a quarter to be seen upright.
 */
export function withOrientation(jpeg, orientation) {
  const tiff = Buffer.from([
    ...Buffer.from('MM'),
    ...[0x00, 0x2a, 0x00, 0x00, 0x00, 0x08], // big-endian; the first directory begins at byte 8
    ...[0x00, 0x01], // one entry
    ...[0x01, 0x12, 0x00, 0x03, 0x00, 0x00, 0x00, 0x01, 0x00, orientation, 0x00, 0x00], // a short
    ...[0x00, 0x00, 0x00, 0x00], // no further directory
  ])
  const content = Buffer.concat([Buffer.from('Exif\0\0'), tiff])
  const header = Buffer.from([0xff, 0xe1, 0x00, content.length + 2])
  const startOfImage = 2
  return Buffer.concat([jpeg.subarray(0, startOfImage), header, content, jpeg.subarray(startOfImage)])
}
