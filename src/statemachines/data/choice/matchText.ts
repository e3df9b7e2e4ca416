/** `StringMatches`: `*` stands for any characters, `\*` for a star, `\\` for a backslash. */
export function isTextMatch(text: string, pattern: string): boolean {
  const parts = ['']
  for (let at = 0; at < pattern.length; at += 1) {
    const isEscape = pattern[at] === '\\' && (pattern[at + 1] === '*' || pattern[at + 1] === '\\')
    if (pattern[at] === '*') parts.push('')
    else parts[parts.length - 1] += isEscape ? pattern[++at]! : pattern[at]!
  }
  if (parts.length === 1) return text === parts[0]
  const first = parts[0]!
  const last = parts.at(-1)!
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false
  let at = first.length
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return at <= text.length - last.length
}
