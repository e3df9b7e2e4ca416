import { describe, expect, it } from 'vitest'
import {
  type Instruction,
  type SeccompArchitecture,
  seccompInstructions,
  seccompProgram,
} from '../../../src/environments/drivers/seccomp.ts'

const ALLOW = 0x7fff0000
const KILL_PROCESS = 0x80000000
const EPERM = 0x00050001
const ENOSYS = 0x00050026

const AUDIT = { x64: 0xc000003e, arm64: 0xc00000b7 } as const
/** Numbers of arch/x86/entry/syscalls/syscall_64.tbl and of include/uapi/asm-generic/unistd.h. */
const NUMBERS = {
  x64: { read: 0, ioctl: 16, clone: 56, execve: 59, mount: 165, ptrace: 101, unshare: 272, bpf: 321, clone3: 435 },
  arm64: { read: 63, ioctl: 29, clone: 220, execve: 221, mount: 40, ptrace: 117, unshare: 97, bpf: 280, clone3: 435 },
} as const

interface Call {
  readonly audit: number
  readonly number: number
  readonly args: readonly number[]
}

/** What the kernel would answer: a machine for the instructions that the filter uses. */
function answer(program: readonly Instruction[], { audit, number, args }: Call): number {
  const data = Buffer.alloc(64)
  data.writeUInt32LE(number, 0)
  data.writeUInt32LE(audit, 4)
  args.forEach((value, index) => {
    data.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), 16 + 8 * index)
  })
  let accumulator = 0
  for (let place = 0; place < program.length; ) {
    const { code, whenTrue, whenFalse, constant } = program[place]!
    place += 1
    const jump = (isTrue: boolean) => {
      place += isTrue ? whenTrue : whenFalse
    }
    if (code === 0x20) accumulator = data.readUInt32LE(constant)
    else if (code === 0x15) jump(accumulator === constant)
    else if (code === 0x35) jump(accumulator >= constant)
    else if (code === 0x45) jump((accumulator & constant) !== 0)
    else if (code === 0x06) return constant
    else throw new Error(`unknown instruction ${code}`)
  }
  throw new Error('the program has no end')
}

describe.each(['x64', 'arm64'] as const)('the system call filter of %s', (architecture: SeccompArchitecture) => {
  const program = seccompInstructions(architecture)
  const numbers = NUMBERS[architecture]
  const call = (number: number, ...args: number[]) => answer(program, { audit: AUDIT[architecture], number, args })

  it('ends processes that speak for another architecture', () => {
    for (const audit of [0x40000003, 0x40000028, AUDIT[architecture === 'x64' ? 'arm64' : 'x64']]) {
      expect(answer(program, { audit, number: numbers.read, args: [] })).toBe(KILL_PROCESS)
    }
  })

  it('lets ordinary calls through', () => {
    expect(call(numbers.read)).toBe(ALLOW)
    expect(call(numbers.execve)).toBe(ALLOW)
    expect(call(numbers.ioctl, 0, 0x5401)).toBe(ALLOW)
  })

  it.each(['mount', 'ptrace', 'unshare', 'bpf'] as const)('refuses %s', (name) => {
    expect(call(numbers[name])).toBe(EPERM)
  })

  it('lets threads and processes be made, but no namespaces', () => {
    const [VM, THREAD, SIGCHLD, NEWUSER, NEWNET, NEWTIME] = [0x100, 0x10000, 17, 0x10000000, 0x40000000, 0x80]
    expect(call(numbers.clone, VM | THREAD)).toBe(ALLOW)
    expect(call(numbers.clone, SIGCHLD)).toBe(ALLOW)
    for (const flag of [NEWUSER, NEWNET, NEWTIME]) expect(call(numbers.clone, flag | SIGCHLD)).toBe(EPERM)
    expect(call(numbers.clone3)).toBe(ENOSYS)
  })

  it('refuses to write into a terminal, whatever the high half of the request says', () => {
    for (const request of [0x5412, 0x541c, 0x100005412]) expect(call(numbers.ioctl, 0, request)).toBe(EPERM)
  })

  it('answers every number', () => {
    for (let number = 0; number < 600; number++) expect([ALLOW, EPERM, ENOSYS]).toContain(call(number, 0, 0))
  })

  it('is encoded as the kernel reads it', () => {
    const bytes = seccompProgram(architecture)
    expect(bytes.length).toBe(program.length * 8)
    // Load the architecture: BPF_LD | BPF_W | BPF_ABS, offset 4.
    expect([...bytes.subarray(0, 8)]).toEqual([0x20, 0, 0, 0, 4, 0, 0, 0])
  })
})

it('the filter of x64 refuses the second ABI, whose numbers it does not know', () => {
  const program = seccompInstructions('x64')
  expect(answer(program, { audit: AUDIT.x64, number: 0x40000000 + 39, args: [] })).toBe(ENOSYS)
})
