import { STOP_TRIES } from './processes.ts'

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
  /** Those of them that a program can go on to write to when nobody reads them any more. */
  readonly lastingOutputs: readonly number[]
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
 * Programs are the shell's own children, and it ends, with its folder and with them, when nobody can give it orders any more.
 * It does not rely on bubblewrap's "die with parent" for that: until that is in force, some milliseconds behind the order, a
 * sandbox outlives whoever made it (https://github.com/containers/bubblewrap/issues/633). So each of them is stopped, which
 * has happened when its state is T, and killed together with the first process of its sandbox, with which the kernel ends the
 * others. All members of the control groups whose folders begin with `groups` are killed twice, for a member may just be making
 * another one: who has been killed makes none any more.
 *
 * A pipe is opened for both directions first, which waits for nobody: not for a service that has just died. An output that
 * lasts remains so, and the program is its reader, too. In a process of the shell the first number of /proc/self/stat is its
 * own, and remains so when it becomes a program.
 */
export function starterCommand(
  { inputs, outputs, lastingOutputs, contents }: ProgramDescriptors,
  groups: string | null,
): string[] {
  const read = [...inputs, ORDERS]
  const redirections = [
    ...read.map((number) => `${number}<>"$id.${number}" ${number}<"$id.${number}"`),
    ...outputs.map((number) => `${number}<>"$id.${number}"`),
    ...outputs.filter((number) => !lastingOutputs.includes(number)).map((number) => `${number}>"$id.${number}"`),
    ...Object.keys(contents).map((number) => `${number}<${number}`),
  ]
  const script = `
set -f
PATH=/usr/bin:/bin
folder=$PWD
groups=$1
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
end() {
  read -r programs <"/proc/$$/task/$$/children"
  [ -z "$programs" ] || kill -STOP $programs
  for program in $programs; do
    tries=${STOP_TRIES}
    while [ $((tries -= 1)) -gt 0 ] && read -r _ _ state _ <"/proc/$program/stat"; do
      case $state in [TZX]) break ;; esac
    done
    first=
    read -r first <"/proc/$program/task/$program/children"
    kill -KILL $program $first
  done
  [ -n "$groups" ] || return
  set +f
  for round in 1 2; do
    for members in "$groups"*/cgroup.procs; do
      while read -r member; do kill -KILL "$member"; done <"$members"
    done
  done
}
newline='
'
while IFS= read -r order; do eval "$order" & done
end 2>/dev/null
rm -rf "$folder"
`
  return ['-c', script, 'sh', groups ?? '']
}

/** An order, whatever bytes its words have: a line break stands for itself in `$newline`, between two quotations. */
export function orderLine(words: readonly string[]): string {
  const quoted = words.map((word) => `'${word.replaceAll("'", `'\\''`).replaceAll('\n', `'"$newline"'`)}'`)
  return `${quoted.join(' ')}\n`
}
