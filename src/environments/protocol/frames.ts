import { PlatformFault } from '../../errors.ts'

/**
 * The frames that service and bootstrap exchange: a length (4 bytes, big-endian, of what follows), a type (1 byte), the
 * length of the header (4 bytes), the header (JSON), the body (bytes that nobody on the way looks into).
 */
export interface Frame {
  readonly type: number
  readonly header: unknown
  readonly body: Buffer
}

/** What the service sends on descriptor 3. */
export const SERVICE_FRAMES = { INIT: 1, INVOKE: 2, TAKEN: 3 } as const

/** What the bootstrap sends on descriptor 4. */
export const BOOTSTRAP_FRAMES = {
  READY: 17,
  INIT_ERROR: 18,
  RESULT: 19,
  ERROR: 20,
  LOG: 21,
  CHUNK: 22,
  END: 23,
} as const

/** A result may have 6 MiB + 100 bytes; the bootstrap says so where it has more. Whatever is beyond this is no frame. */
export const LARGEST_FRAME_BYTES = 8 * 1024 * 1024

const LENGTH_BYTES = 4
const PREFIX_BYTES = LENGTH_BYTES + 1 + 4

/** What came out of the function is not the protocol: its code wrote to a descriptor that is not its own. */
export class ProtocolViolation extends Error {
  override readonly name = 'ProtocolViolation'
}

/** A frame as bytes. Throws a PlatformFault for one that is too large. */
export function encodeFrame(type: number, header: unknown, body: string | Uint8Array = ''): Buffer {
  const headerBytes = Buffer.from(JSON.stringify(header), 'utf8')
  const bodyBytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + headerBytes.length + bodyBytes.length)
  if (frame.length > LARGEST_FRAME_BYTES) throw new PlatformFault(`a frame of ${frame.length} bytes is too large`)
  frame.writeUInt32BE(frame.length - LENGTH_BYTES, 0)
  frame.writeUInt8(type, LENGTH_BYTES)
  frame.writeUInt32BE(headerBytes.length, LENGTH_BYTES + 1)
  headerBytes.copy(frame, PREFIX_BYTES)
  frame.set(bodyBytes, PREFIX_BYTES + headerBytes.length)
  return frame
}

/** Makes frames of bytes, however these are cut. Holds at most one unfinished frame. */
export class FrameDecoder {
  #chunks: Buffer[] = []
  #sizeBytes = 0

  /** The frames that are complete with these bytes. Throws a ProtocolViolation; nothing may be pushed afterwards. */
  push(chunk: Buffer): Frame[] {
    this.#chunks.push(chunk)
    this.#sizeBytes += chunk.length
    const frames: Frame[] = []
    for (;;) {
      const lengthBytes = this.#peek(LENGTH_BYTES)
      if (lengthBytes === null) return frames
      const length = lengthBytes.readUInt32BE(0)
      if (length < PREFIX_BYTES - LENGTH_BYTES || length > LARGEST_FRAME_BYTES) {
        throw new ProtocolViolation(`a frame cannot have ${length} bytes`)
      }
      const bytes = this.#peek(LENGTH_BYTES + length)
      if (bytes === null) return frames
      frames.push(decode(bytes))
      this.#drop(bytes.length)
    }
  }

  #peek(count: number): Buffer | null {
    if (this.#sizeBytes < count) return null
    if (this.#chunks[0]!.length < count) this.#chunks = [Buffer.concat(this.#chunks)]
    return this.#chunks[0]!.subarray(0, count)
  }

  #drop(count: number): void {
    this.#sizeBytes -= count
    const rest = this.#chunks[0]!.subarray(count)
    if (rest.length > 0) this.#chunks[0] = rest
    else this.#chunks.shift()
  }
}

function decode(bytes: Buffer): Frame {
  const type = bytes.readUInt8(LENGTH_BYTES)
  const headerEnd = PREFIX_BYTES + bytes.readUInt32BE(LENGTH_BYTES + 1)
  if (headerEnd > bytes.length) throw new ProtocolViolation('a header is longer than its frame')
  try {
    const header: unknown = JSON.parse(bytes.toString('utf8', PREFIX_BYTES, headerEnd))
    return { type, header, body: bytes.subarray(headerEnd) }
  } catch {
    throw new ProtocolViolation('a header is not JSON')
  }
}
