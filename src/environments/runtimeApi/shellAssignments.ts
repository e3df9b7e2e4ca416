/**
 * Variables as a script of a POSIX shell that exports them, whatever bytes their values have. `command` keeps a shell
 * whose own variable it is, such as bash its UID, from giving up.
 */
export function shellAssignments(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `command export ${name}='${value.replaceAll("'", `'\\''`)}'\n`)
    .join('')
}

/**
 * The same on one line, with its end: a quoted line break ends the quotation, stands for itself in `$newline`, and begins
 * another quotation.
 */
export function assignmentsLine(variables: Readonly<Record<string, string>>): string {
  const assignments = shellAssignments(variables)
    .trimEnd()
    .split(/(?<=')\n(?=command export )/)
  return `${assignments.map((line) => line.replaceAll('\n', `'"$newline"'`)).join('; ')}\n`
}
