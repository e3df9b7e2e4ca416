import { arch } from 'node:os'
import { afterAll, describe, expect, it } from 'vitest'
import { createAttacked } from './attack.ts'

const attacked = createAttacked()
afterAll(() => attacked[Symbol.asyncDispose]())

const CLONE_NEWNS = 0x00020000
const CLONE_NEWUSER = 0x10000000
const SIGCHLD = 17

/** Number on x86-64, number on aarch64, arguments that would do harm. */
const CALLS: Readonly<Record<string, readonly [number, number, ...number[]]>> = {
  mount: [165, 40, 0, 0, 0, 0, 0],
  umount2: [166, 39, 0, 0],
  pivot_root: [155, 41, 0, 0],
  chroot: [161, 51, 0],
  ptrace: [101, 117, 0, 0, 0, 0],
  process_vm_readv: [310, 270, 1, 0, 0, 0, 0, 0],
  process_vm_writev: [311, 271, 1, 0, 0, 0, 0, 0],
  bpf: [321, 280, 0, 0, 0],
  perf_event_open: [298, 241, 0, 0, -1, -1, 0],
  keyctl: [250, 219, 0, 0, 0, 0, 0],
  add_key: [248, 217, 0, 0, 0, 0, 0],
  request_key: [249, 218, 0, 0, 0, 0],
  kexec_load: [246, 104, 0, 0, 0, 0],
  kexec_file_load: [320, 294, 0, 0, 0, 0, 0],
  init_module: [175, 105, 0, 0, 0],
  finit_module: [313, 273, 0, 0, 0],
  delete_module: [176, 106, 0, 0],
  unshare: [272, 97, CLONE_NEWUSER],
  'unshare of nothing': [272, 97, 0],
  setns: [308, 268, 0, 0],
  'clone into a user namespace': [56, 220, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0],
  'clone into a mount namespace': [56, 220, CLONE_NEWNS | SIGCHLD, 0, 0, 0, 0],
  userfaultfd: [323, 282, 0],
  io_uring_setup: [425, 425, 1, 0],
  io_uring_enter: [426, 426, 0, 0, 0, 0, 0, 0],
  io_uring_register: [427, 427, 0, 0, 0, 0],
  reboot: [169, 142, 0, 0, 0, 0],
  swapon: [167, 224, 0, 0],
  swapoff: [168, 225, 0],
  acct: [163, 89, 0],
  settimeofday: [164, 170, 0, 0],
  clock_settime: [227, 112, 0, 0],
  open_by_handle_at: [304, 265, 0, 0, 0],
  name_to_handle_at: [303, 264, 0, 0, 0, 0, 0],
  'ioctl TIOCSTI': [16, 29, 0, 0x5412, 0],
  'ioctl TIOCSTI with bits above the 32 that the kernel looks at': [16, 29, 0, 0x100005412, 0],
  'ioctl TIOCLINUX': [16, 29, 0, 0x541c, 0],
  open_tree: [428, 428, -100, 0, 0],
  move_mount: [429, 429, 0, 0, 0, 0, 0],
  fsopen: [430, 430, 0, 0],
  mount_setattr: [442, 442, 0, 0, 0, 0, 0],
  pidfd_getfd: [438, 438, 0, 0, 0],
}

const SOURCE = `
import ctypes, errno
def handler(event, context):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    answers = {}
    for name, (number, *arguments) in event.items():
        ctypes.set_errno(0)
        result = libc.syscall(ctypes.c_long(number), *(ctypes.c_long(argument) for argument in arguments))
        answers[name] = errno.errorcode.get(ctypes.get_errno(), str(result)) if result < 0 else 'allowed'
    return answers
`

describe('the system call filter', () => {
  it('refuses what gives power over the kernel, over other processes or over namespaces', async () => {
    const here = Object.fromEntries(
      Object.entries(CALLS).map(([name, [x64, arm64, ...rest]]) => [name, [arch() === 'x64' ? x64 : arm64, ...rest]]),
    )
    const { value } = await attacked.attack(attacked.python(SOURCE), here)
    expect(value).toEqual(Object.fromEntries(Object.keys(CALLS).map((name) => [name, 'EPERM'])))
  })

  it('says that clone3 does not exist, so that libraries use clone, and threads and processes can be made', async () => {
    const CLONE_3 = 435
    const { value } = await attacked.attack(attacked.python(SOURCE), { clone3: [CLONE_3, 0, 0] })
    expect(value).toEqual({ clone3: 'ENOSYS' })
    const { value: made } = await attacked.attack(
      attacked.python(`
import subprocess, threading
def handler(event, context):
    made = []
    thread = threading.Thread(target=lambda: made.append('thread'))
    thread.start()
    thread.join()
    made.append(subprocess.run(['/bin/echo', 'process'], capture_output=True, text=True).stdout.strip())
    return made
`),
    )
    expect(made).toEqual(['thread', 'process'])
  })

  it.runIf(arch() === 'x64')('refuses the numbers of the x32 ABI', async () => {
    const X32 = 0x40000000
    const { value } = await attacked.attack(attacked.python(SOURCE), {
      ptrace: [X32 + 521, 0, 0, 0, 0],
      getpid: [X32 + 39],
    })
    expect(value).toEqual({ ptrace: 'ENOSYS', getpid: 'ENOSYS' })
  })

  it.runIf(arch() === 'x64')('ends a process that makes system calls of another architecture', async () => {
    // mov eax, 20 (getpid of i386); int 0x80; ret
    const { outcome } = await attacked.attack(
      attacked.python(`
import ctypes, mmap
def handler(event, context):
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(bytes([0xB8, 20, 0, 0, 0, 0xCD, 0x80, 0xC3]))
    address = ctypes.addressof(ctypes.c_char.from_buffer(code))
    return ctypes.CFUNCTYPE(ctypes.c_int)(address)()
`),
    )
    expect(outcome).toMatchObject({ kind: 'FAILED', failure: 'CRASH' })
  })
})
