/** Descriptor of the shell that it answers on. None of its programs has it. */
export const ANSWERS = 9

/** What programs are given as descriptors, beside a standard input that is empty. */
export interface ProgramDescriptors {
  /** Pipes that the service writes to. */
  readonly inputs: readonly number[]
  /** Pipes that the service reads. */
  readonly outputs: readonly number[]
  /** What all of them read the same from, by descriptor: files of that number as a name. */
  readonly contents: Readonly<Record<number, Buffer>>
}

/**
 * Arguments of the shell that starts programs, in the folder of its pipes. It reads an order a line (`orderLine`)
 * and answers on its descriptor for answers:
 *
 * - `pipes ID...` makes the pipes of programs that are to be started: `done ID` with the first of them,
 * - `start ID FILE... -- COMMAND...` starts a program that is a member of these control groups before it is anything:
 *   `done ID PID` when its pipes are open at its end,
 * - or to either `failed ID`.
 *
 * Programs are the shell's own children, so one that ends with its parent ends with the shell; and the shell ends, with
 * its folder, when nobody can give it orders any more.
 *
 * A pipe is opened for both directions first, which waits for nobody: not for a service that has just died. In a process
 * of the shell the first number of /proc/self/stat is its own, and remains so when it becomes a program.
 */
export function starterCommand({ inputs, outputs, contents }: ProgramDescriptors): string[] {
  const descriptors = [...inputs, ...outputs]
  const redirections = [
    ...inputs.map((number) => `${number}<>"$id.${number}" ${number}<"$id.${number}"`),
    ...outputs.map((number) => `${number}<>"$id.${number}" ${number}>"$id.${number}"`),
    ...Object.keys(contents).map((number) => `${number}<${number}`),
  ]
  const script = `
set -f
PATH=/usr/bin:/bin
folder=$PWD
pipes() {
  first=$1
  for id; do set -- "$@" ${descriptors.map((number) => `"$id.${number}"`).join(' ')}; shift; done
  if mkfifo -m 666 "$@"; then echo "done $first" >&${ANSWERS}; else echo "failed $first" >&${ANSWERS}; fi
}
start() {
  id=$1
  trap 'echo "failed $id" >&${ANSWERS}' EXIT
  shift
  while [ "$1" != -- ]; do echo 0 >"$1" || exit; shift; done
  shift
  exec ${redirections.join(' ')}
  read -r pid _ </proc/self/stat
  echo "done $id $pid" >&${ANSWERS}
  cd /
  unset PWD OLDPWD
  exec "$@" ${ANSWERS}>&-
}
newline='
'
while IFS= read -r order; do eval "$order" & done
rm -rf "$folder"
`
  return ['-c', script]
}

/** An order, whatever bytes its words have: a line break stands for itself in `$newline`, between two quotations. */
export function orderLine(words: readonly string[]): string {
  const quoted = words.map((word) => `'${word.replaceAll("'", `'\\''`).replaceAll('\n', `'"$newline"'`)}'`)
  return `${quoted.join(' ')}\n`
}
