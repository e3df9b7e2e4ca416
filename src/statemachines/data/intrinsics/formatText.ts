import { isObject, type Json } from '../json.ts'
import { IntrinsicMisuse } from './callIntrinsic.ts'

/** `States.Format`: each `{}` of the template, whose escapes stand there still, filled with the next value. */
export function formatText(template: string, values: readonly Json[]): string {
  let filled = 0
  let text = ''
  for (let at = 0; at < template.length; at += 1) {
    const character = template[at]!
    if (character === '\\' && /['{}\\]/.test(template[at + 1] ?? '')) {
      text += template[at + 1]
      at += 1
    } else if (character === '{') {
      if (template[at + 1] !== '}') throw new IntrinsicMisuse(`matching '}' not found for '{'`)
      if (filled === values.length) throw new IntrinsicMisuse('number of arguments do not match the occurrences of {}')
      text += printed(values[filled]!)
      filled += 1
      at += 1
    } else text += character
  }
  if (filled < values.length) throw new IntrinsicMisuse('number of arguments do not match the occurrences of {}')
  return text
}

/** Objects and lists come out as Java prints them: `{a=1, b=[x, null]}`. */
function printed(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(printed).join(', ')}]`
  if (!isObject(value)) return String(value)
  return `{${Object.entries(value)
    .map(([key, member]) => `${key}=${printed(member)}`)
    .join(', ')}}`
}
