/** CloudWatch's limit of a log event; longer lines are cut. */
export const LONGEST_LINE_BYTES = 256 * 1024

const NEWLINE = 0x0a

/**
 * Makes lines of a stream's bytes, however these are cut. Only `\n` ends a line: what was printed with `\r` in it stays
 * one. Holds at most LONGEST_LINE_BYTES of a line without an end; pieces of it come out as lines before.
 */
export class LineSplitter {
  #chunks: Buffer[] = []
  #sizeBytes = 0

  /** The lines that are complete with these bytes, without their ends; these may still be longer than a line may be. */
  push(chunk: Buffer): Buffer[] {
    const lines: Buffer[] = []
    let begin = 0
    for (;;) {
      const end = chunk.indexOf(NEWLINE, begin)
      if (end < 0) break
      this.#add(chunk.subarray(begin, end))
      lines.push(this.flush() ?? Buffer.alloc(0))
      begin = end + 1
    }
    this.#add(chunk.subarray(begin))
    while (this.#sizeBytes > LONGEST_LINE_BYTES) {
      const held = Buffer.concat(this.#chunks)
      const end = characterBoundary(held, LONGEST_LINE_BYTES)
      lines.push(held.subarray(0, end))
      this.#chunks = [held.subarray(end)]
      this.#sizeBytes = held.length - end
    }
    return lines
  }

  /** What stands behind the last line end; afterwards nothing is left. Null where there is nothing. */
  flush(): Buffer | null {
    if (this.#sizeBytes === 0) return null
    const rest = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks)
    this.#chunks = []
    this.#sizeBytes = 0
    return rest
  }

  #add(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.#chunks.push(bytes)
    this.#sizeBytes += bytes.length
  }
}

/**
 * A line as text, in pieces of at most LONGEST_LINE_BYTES that end between characters; at least one. Bytes that are no
 * UTF-8 become replacement characters.
 */
export function lineTexts(line: Buffer): string[] {
  const texts: string[] = []
  let begin = 0
  while (line.length - begin > LONGEST_LINE_BYTES) {
    const end = characterBoundary(line, begin + LONGEST_LINE_BYTES)
    texts.push(line.toString('utf8', begin, end))
    begin = end
  }
  return [...texts, line.toString('utf8', begin)]
}

/** The last place at or before `end` that is not inside a character of UTF-8; `end` itself where these are none. */
function characterBoundary(bytes: Buffer, end: number): number {
  const LONGEST_CHARACTER_BYTES = 4
  for (let place = end; place > end - LONGEST_CHARACTER_BYTES; place--) {
    const isContinuation = (bytes[place]! & 0b1100_0000) === 0b1000_0000
    if (!isContinuation) return place
  }
  return end
}
