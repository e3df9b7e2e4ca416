/**
 * The system calls that a function may not make, as a classic BPF program for `bwrap --seccomp`. A deny list: everything
 * that gives a process power over the kernel, over other processes or over namespaces answers EPERM; clone3, whose flags
 * a filter cannot see, answers ENOSYS, so that libraries fall back to clone, whose flags it can.
 * https://docs.kernel.org/userspace-api/seccomp_filter.html
 */

/** The processor architectures for which there is a filter, by Node's names. */
export type SeccompArchitecture = 'x64' | 'arm64'

interface ArchitectureTable {
  /** AUDIT_ARCH_* of linux/audit.h. */
  readonly audit: number
  readonly numbers: Readonly<Record<string, number>>
}

const TABLES: Readonly<Record<SeccompArchitecture, ArchitectureTable>> = {
  x64: {
    audit: 0xc000003e,
    numbers: {
      ptrace: 101,
      syslog: 103,
      personality: 135,
      pivot_root: 155,
      adjtimex: 159,
      chroot: 161,
      acct: 163,
      settimeofday: 164,
      mount: 165,
      umount2: 166,
      swapon: 167,
      swapoff: 168,
      reboot: 169,
      sethostname: 170,
      setdomainname: 171,
      iopl: 172,
      ioperm: 173,
      init_module: 175,
      delete_module: 176,
      quotactl: 179,
      lookup_dcookie: 212,
      clock_settime: 227,
      mbind: 237,
      set_mempolicy: 238,
      kexec_load: 246,
      add_key: 248,
      request_key: 249,
      keyctl: 250,
      migrate_pages: 256,
      unshare: 272,
      move_pages: 279,
      perf_event_open: 298,
      fanotify_init: 300,
      name_to_handle_at: 303,
      open_by_handle_at: 304,
      clock_adjtime: 305,
      setns: 308,
      process_vm_readv: 310,
      process_vm_writev: 311,
      kcmp: 312,
      finit_module: 313,
      kexec_file_load: 320,
      bpf: 321,
      userfaultfd: 323,
      io_uring_setup: 425,
      io_uring_enter: 426,
      io_uring_register: 427,
      open_tree: 428,
      move_mount: 429,
      fsopen: 430,
      fsconfig: 431,
      fsmount: 432,
      fspick: 433,
      pidfd_getfd: 438,
      mount_setattr: 442,
      quotactl_fd: 443,
      clone: 56,
      clone3: 435,
      ioctl: 16,
    },
  },
  arm64: {
    audit: 0xc00000b7,
    numbers: {
      lookup_dcookie: 18,
      umount2: 39,
      mount: 40,
      pivot_root: 41,
      chroot: 51,
      quotactl: 60,
      acct: 89,
      personality: 92,
      unshare: 97,
      kexec_load: 104,
      init_module: 105,
      delete_module: 106,
      clock_settime: 112,
      syslog: 116,
      ptrace: 117,
      reboot: 142,
      sethostname: 161,
      setdomainname: 162,
      settimeofday: 170,
      adjtimex: 171,
      add_key: 217,
      request_key: 218,
      keyctl: 219,
      swapon: 224,
      swapoff: 225,
      mbind: 235,
      set_mempolicy: 237,
      migrate_pages: 238,
      move_pages: 239,
      perf_event_open: 241,
      fanotify_init: 262,
      name_to_handle_at: 264,
      open_by_handle_at: 265,
      clock_adjtime: 266,
      setns: 268,
      process_vm_readv: 270,
      process_vm_writev: 271,
      kcmp: 272,
      finit_module: 273,
      bpf: 280,
      userfaultfd: 282,
      kexec_file_load: 294,
      io_uring_setup: 425,
      io_uring_enter: 426,
      io_uring_register: 427,
      open_tree: 428,
      move_mount: 429,
      fsopen: 430,
      fsconfig: 431,
      fsmount: 432,
      fspick: 433,
      pidfd_getfd: 438,
      mount_setattr: 442,
      quotactl_fd: 443,
      clone: 220,
      clone3: 435,
      ioctl: 29,
    },
  },
}

const SPECIAL = new Set(['clone', 'clone3', 'ioctl'])

/** CLONE_NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const NAMESPACE_FLAGS =
  0x00000080 | 0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000
/** Puts characters into a terminal's input: what the one who owns the terminal typed. */
const TIOCSTI = 0x5412
/** On a console of the machine: pastes what is selected, which comes to the same. */
const TIOCLINUX = 0x541c
/** In x64's numbers: the second ABI with 32-bit pointers, whose calls would pass a filter made for the first. */
const X32_BIT = 0x40000000

const EPERM = 1
const ENOSYS = 38

const RETURN_ALLOW = 0x7fff0000
const RETURN_KILL = 0x80000000
const returnErrno = (errno: number) => 0x00050000 | errno

/** Offsets in `struct seccomp_data`; arguments are 64 bits, their low half comes first on both architectures. */
const OFFSET_NUMBER = 0
const OFFSET_ARCHITECTURE = 4
const offsetOfArgument = (index: number) => 16 + 8 * index

const LOAD_WORD = 0x20
const JUMP_EQUAL = 0x15
const JUMP_GREATER_OR_EQUAL = 0x35
const JUMP_ANY_BIT = 0x45
const RETURN = 0x06

/** One instruction: what to do, where to go when true and when false (relative), with which constant. */
export interface Instruction {
  readonly code: number
  readonly whenTrue: number
  readonly whenFalse: number
  readonly constant: number
}

const load = (offset: number): Instruction => ({ code: LOAD_WORD, whenTrue: 0, whenFalse: 0, constant: offset })
const answer = (value: number): Instruction => ({ code: RETURN, whenTrue: 0, whenFalse: 0, constant: value >>> 0 })
const jump = (code: number, constant: number, whenTrue: number, whenFalse: number): Instruction => ({
  code,
  whenTrue,
  whenFalse,
  constant: constant >>> 0,
})

/** The filter as instructions. */
export function seccompInstructions(architecture: SeccompArchitecture): Instruction[] {
  const { audit, numbers } = TABLES[architecture]
  const denied = Object.keys(numbers).filter((name) => !SPECIAL.has(name))
  return [
    load(OFFSET_ARCHITECTURE),
    jump(JUMP_EQUAL, audit, 1, 0),
    answer(RETURN_KILL),
    load(OFFSET_NUMBER),
    ...(architecture === 'x64' ? [jump(JUMP_GREATER_OR_EQUAL, X32_BIT, 0, 1), answer(returnErrno(ENOSYS))] : []),
    jump(JUMP_EQUAL, numbers['clone3']!, 0, 1),
    answer(returnErrno(ENOSYS)),
    // Each test that does not hit goes on with the next; one that does answers at once.
    ...denied.flatMap((name) => [jump(JUMP_EQUAL, numbers[name]!, 0, 1), answer(returnErrno(EPERM))]),
    jump(JUMP_EQUAL, numbers['clone']!, 0, 4),
    load(offsetOfArgument(0)),
    jump(JUMP_ANY_BIT, NAMESPACE_FLAGS, 0, 1),
    answer(returnErrno(EPERM)),
    answer(RETURN_ALLOW),
    jump(JUMP_EQUAL, numbers['ioctl']!, 0, 4),
    load(offsetOfArgument(1)),
    jump(JUMP_EQUAL, TIOCSTI, 1, 0),
    jump(JUMP_EQUAL, TIOCLINUX, 0, 1),
    answer(returnErrno(EPERM)),
    answer(RETURN_ALLOW),
  ]
}

/** The filter as the bytes of `struct sock_filter[]`. */
export function seccompProgram(architecture: SeccompArchitecture): Buffer {
  const instructions = seccompInstructions(architecture)
  const SIZE = 8
  const program = Buffer.alloc(instructions.length * SIZE)
  instructions.forEach(({ code, whenTrue, whenFalse, constant }, index) => {
    program.writeUInt16LE(code, index * SIZE)
    program.writeUInt8(whenTrue, index * SIZE + 2)
    program.writeUInt8(whenFalse, index * SIZE + 3)
    program.writeUInt32LE(constant, index * SIZE + 4)
  })
  return program
}
