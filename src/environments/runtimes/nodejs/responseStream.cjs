// The stream that handlers write to which stream their response; loaded for those alone. Its methods and words are those
// of AWS's own runtime, aws-lambda-ric. Plain JavaScript for Node.js 20, 22 and 24.
const { Writable } = require('node:stream')

/** How far the stream may be ahead of its reader. Of each piece its bytes count, and some more, as the service counts. */
const WINDOW_BYTES = 256 * 1024
const PIECE_BYTES = 64 * 1024
const PIECE_WEIGHT_BYTES = 1024

class InvalidStreamingOperation extends Error {
  name = 'Runtime.InvalidStreamingOperation'
}

/**
 * A stream whose bytes go to `sendPiece`, no further ahead than what the reader has taken. `hold(true)` is called when it
 * has to wait for that, and `hold(false)` when it need not any more.
 */
class ResponseStream extends Writable {
  #sendPiece
  #hold
  #aheadBytes = 0
  #goOn = null
  #hasBegun = false
  #isCut = false

  constructor({ sendPiece, hold, highWaterMark = PIECE_BYTES }) {
    super({ highWaterMark })
    this.#sendPiece = sendPiece
    this.#hold = hold
  }

  /** Only says when it is too late: who invokes a function gets bytes, whatever their type is. */
  setContentType(_contentType) {
    if (this.#hasBegun) throw new InvalidStreamingOperation('Cannot set content-type, too late.')
  }

  write(chunk, encoding, callback) {
    this.#begin()
    const isData = typeof chunk === 'string' || chunk instanceof Uint8Array
    return super.write(isData ? chunk : JSON.stringify(chunk), encoding, callback)
  }

  end(chunk, encoding, callback) {
    if (typeof chunk === 'function') return this.end(undefined, undefined, chunk)
    if (typeof encoding === 'function') return this.end(chunk, undefined, encoding)
    if (chunk !== undefined && chunk !== null) this.write(chunk, encoding)
    else this.#begin()
    return super.end(callback)
  }

  _write(bytes, _encoding, callback) {
    let begin = 0
    const sendOn = () => {
      while (begin < bytes.length && !this.#isCut) {
        if (this.#aheadBytes >= WINDOW_BYTES) {
          this.#goOn = sendOn
          this.#hold(true)
          return
        }
        const piece = bytes.subarray(begin, begin + PIECE_BYTES)
        begin += piece.length
        this.#aheadBytes += piece.length + PIECE_WEIGHT_BYTES
        this.#sendPiece(piece)
      }
      callback()
    }
    sendOn()
  }

  /** The reader has taken so much more. */
  taken(weightBytes) {
    this.#aheadBytes -= weightBytes
    const goOn = this.#goOn
    if (goOn === null) return
    this.#goOn = null
    this.#hold(false)
    goOn()
  }

  /** Nothing is sent any more: the event is over. What is still written is dropped. */
  cut() {
    this.#isCut = true
    const goOn = this.#goOn
    this.#goOn = null
    goOn?.()
  }

  #begin() {
    if (this.#hasBegun) return
    this.#hasBegun = true
    this._onBeforeFirstWrite?.((piece) => super.write(piece))
  }
}

module.exports = { ResponseStream }
