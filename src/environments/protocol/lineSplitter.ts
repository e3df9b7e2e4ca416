import { StringDecoder } from 'node:string_decoder'

/** CloudWatch's limit of a log event; longer lines are split. */
export const LONGEST_LINE_BYTES = 256 * 1024

/**
 * Makes lines of a stream's bytes. Only `\n` ends a line: what was printed with `\r` in it stays one. Bytes that are no
 * UTF-8 become replacement characters.
 */
export class LineSplitter {
  #decoder = new StringDecoder('utf8')
  #partial = ''

  /** The lines that are complete with these bytes, without their ends. */
  push(chunk: Buffer): string[] {
    const parts = (this.#partial + this.#decoder.write(chunk)).split('\n')
    this.#partial = parts.pop()!
    const lines = parts.flatMap(cut)
    if (this.#partial.length >= LONGEST_LINE_BYTES) {
      const pieces = cut(this.#partial)
      this.#partial = pieces.pop()!
      lines.push(...pieces)
    }
    return lines
  }

  /** What stands behind the last line end; afterwards nothing is left. Null where there is nothing. */
  flush(): string | null {
    const rest = this.#partial + this.#decoder.end()
    this.#partial = ''
    return rest === '' ? null : rest
  }
}

function cut(line: string): string[] {
  if (line.length <= LONGEST_LINE_BYTES) return [line]
  const pieces: string[] = []
  for (let begin = 0; begin < line.length; begin += LONGEST_LINE_BYTES) {
    pieces.push(line.slice(begin, begin + LONGEST_LINE_BYTES))
  }
  return pieces
}
