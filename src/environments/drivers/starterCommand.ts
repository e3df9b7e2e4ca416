/** Descriptor of a program that waits, which it is told on what to become. */
export const ORDERS = 8
/** Descriptor of the shell that it answers on. Neither is left to what a program becomes. */
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
 * - `ready ID FILE...` makes a member of these control groups, whose pipes are open at its end: `done ID PID`. It waits for
 *   the order of its own that says what program it becomes, and ends where nobody can give it one any more,
 * - or to either `failed ID`.
 *
 * Programs are the shell's own children, so one that ends with its parent ends with the shell; and the shell ends, with
 * its folder, when nobody can give it orders any more.
 *
 * A pipe is opened for both directions first, which waits for nobody: not for a service that has just died. In a process
 * of the shell the first number of /proc/self/stat is its own, and remains so when it becomes a program.
 */
export function starterCommand({ inputs, outputs, contents }: ProgramDescriptors): string[] {
  const read = [...inputs, ORDERS]
  const redirections = [
    ...read.map((number) => `${number}<>"$id.${number}" ${number}<"$id.${number}"`),
    ...outputs.map((number) => `${number}<>"$id.${number}" ${number}>"$id.${number}"`),
    ...Object.keys(contents).map((number) => `${number}<${number}`),
  ]
  const script = `
set -f
PATH=/usr/bin:/bin
folder=$PWD
pipes() {
  first=$1
  for id; do set -- "$@" ${[...read, ...outputs].map((number) => `"$id.${number}"`).join(' ')}; shift; done
  if mkfifo -m 666 "$@"; then echo "done $first" >&${ANSWERS}; else echo "failed $first" >&${ANSWERS}; fi
}
ready() {
  id=$1
  trap 'echo "failed $id" >&${ANSWERS}' EXIT
  shift
  for file; do echo 0 >"$file" || exit; done
  exec ${redirections.join(' ')}
  read -r pid _ </proc/self/stat
  echo "done $id $pid" >&${ANSWERS}
  trap - EXIT
  exec ${ANSWERS}>&-
  cd /
  unset PWD OLDPWD
  IFS= read -r order <&${ORDERS} || exit
  eval "exec $order ${ORDERS}<&-"
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
