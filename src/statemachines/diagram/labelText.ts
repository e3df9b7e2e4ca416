/** Texts in diagrams: as long as they may be, and as wide as they will be. */

const ELLIPSIS = '…'

/** One line of at most so many characters, with the blanks and breaks of the original as single blanks. */
export function shortened(text: string, most: number): string {
  const characters = [...oneLine(text)]
  return characters.length <= most ? characters.join('') : `${characters.slice(0, most - 1).join('')}${ELLIPSIS}`
}

/** Blanks collapsed, and what no format can carry (control characters, halves of pairs) replaced. */
export function oneLine(text: string): string {
  return (
    text
      .replace(/\s+/gu, ' ')
      // Besides being invisible, marks of direction could make a label read as another.
      .replace(/[\p{Cc}\p{Cs}\u200E\u200F\u202A-\u202E\u2066-\u2069\uFFFE\uFFFF]/gu, '\uFFFD')
      .trim()
  )
}

/** Lines of at most so many characters, broken at blanks where there are any; the last one shortened. */
export function wrapped(text: string, most: number, lines: number): string[] {
  const wrappedLines: string[] = []
  let rest = [...oneLine(text)]
  while (rest.length > most && wrappedLines.length < lines - 1) {
    const blank = rest.slice(0, most + 1).lastIndexOf(' ')
    const end = blank > most / 3 ? blank : most
    wrappedLines.push(rest.slice(0, end).join('').trim())
    rest = rest.slice(end)
  }
  wrappedLines.push(shortened(rest.join(''), most))
  return wrappedLines
}

/** An estimate of a text's width for a proportional font, in units of its size. */
export function widthInEms(text: string): number {
  let width = 0
  for (const character of text) {
    if (character.codePointAt(0)! > 0x2e80) width += 1.05
    else if (/[ijlt.,:;'|!()[\]{}\s]/.test(character)) width += 0.34
    else if (/[A-Zmw@%MW]/.test(character)) width += 0.74
    else width += 0.57
  }
  return width
}

/** Several rules that lead to one state: the first few, and how many there are besides. */
export function fewLabels(labels: readonly string[], most: number): string[] {
  return labels.length <= most ? [...labels] : [...labels.slice(0, most - 1), `and ${labels.length - most + 1} more`]
}
