const NOBODY = '65534'

/** A command that runs as a user without rights: as this one, unless that is root. */
export function asNobody(command: readonly string[]): readonly [program: string, ...args: string[]] {
  const switching = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups']
  const [program, ...args] = process.getuid?.() === 0 ? [...switching, ...command] : command
  return [program!, ...args]
}
