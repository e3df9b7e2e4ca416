/**
 * Variables as a script of a POSIX shell that exports them, whatever bytes their values have. `command` keeps a shell
 * whose own variable it is, such as bash its UID, from giving up.
 */
export function shellAssignments(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `command export ${name}='${value.replaceAll("'", `'\\''`)}'\n`)
    .join('')
}
