import { dirname } from 'node:path'
import { SANDBOX_NETWORK } from './firewall.ts'
import type { NetworkPrograms } from './networkMaker.ts'

/** The user-space stack moves more at a time over a link that drops nothing. */
const MTU = 65_520
/** What slirp4netns opens, by a path that is its own. */
export const TUN = '/dev/net/tun'
const TUN_NUMBERS = [10, 200]
/** A function has at most 1,024 descriptors, so connections; what opens more by forking loses its network, and ends. */
const MOST_DESCRIPTORS = 1_200
const MOST_MEMORY_KIB = 512 * 1024

/**
 * The command of the shell that makes networks. It reads a network a line: its id, the user that it is to belong to or `-`,
 * and the rules; and says on descriptor `says`, a line each:
 *
 * - `holder ID PID`: this process has the namespaces,
 * - `carrier ID PID`: this one will carry what leaves them,
 * - `ready ID`: rules are in force and the way out is there; the holder is no longer needed once the namespaces are open,
 * - `ended ID`: holder and carrier have ended.
 *
 * With `hasOwnTun` it has a mount namespace, and there a device that all users may open: where nobody has set the rights
 * of the host's, it is closed to the users that networks belong to.
 *
 * All that it starts ends when the other side of descriptor `life` is closed, as it is when the service ends. In a process
 * of the shell, the first number of /proc/self/stat is its own, and remains so when it becomes a program. Of SIGPIPE a shell
 * tells nobody, so that the last words are the program's.
 */
export function makerCommand(programs: NetworkPrograms, says: number, life: number, hasOwnTun: boolean): string[] {
  const { nft, setpriv, slirp4netns, unshare } = programs
  const script = `
own() { read -r pid _ </proc/self/stat; }
make() {
  if [ "$2" = - ]; then user=; else user="${setpriv} --reuid=$2 --regid=$2 --clear-groups --"; fi
  {
    own
    echo "holder $1 $pid" >&${says}
    echo "$pid"
    exec $user ${unshare} --user --map-root-user --net -- /bin/sh -c '"$1" "$2" && echo ready && read -r _ <&${life}' sh ${nft} "$3" ${says}>&-
  } | {
    read -r holder && read -r _ || exit 1
    {
      own
      echo "carrier $1 $pid" >&${says}
      ulimit -n ${MOST_DESCRIPTORS}
      ulimit -v ${MOST_MEMORY_KIB}
      ulimit -c 0
      exec $user ${slirp4netns} --configure --mtu=${MTU} --cidr=${SANDBOX_NETWORK} --disable-host-loopback --enable-sandbox --enable-seccomp --ready-fd=9 --exit-fd=${life} --userns-path=/proc/$holder/ns/user "$holder" tap0 9>&1 >/dev/null ${says}>&-
    } | {
      read -r ready
      if [ "$ready" = 1 ]; then echo "ready $1" >&${says}; else kill -PIPE "$holder"; fi
    }
  }
  echo "ended $1" >&${says}
}
while read -r id user rules; do make "$id" "$user" "$rules" </dev/null & done
`
  const shell = ['/bin/sh', '-c', script]
  if (!hasOwnTun) return shell
  const folder = dirname(TUN)
  const makeTun = `mount -t tmpfs -o mode=755,size=64k tmpfs ${folder} && mknod -m 666 ${TUN} c ${TUN_NUMBERS.join(' ')} && exec "$@"`
  return [unshare, '--mount', '--propagation', 'private', '--', '/bin/sh', '-c', makeTun, 'sh', ...shell]
}
