import { execFile } from 'node:child_process'
import { statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { asNobody } from '../../kit/asNobody.ts'
import { transpile } from '../../kit/transpile.ts'

interface Answer {
  readonly uid: number
  readonly status: string
  readonly writable: readonly string[]
  readonly counts: readonly number[]
  readonly memory: { readonly errorType: string }
  readonly unshare: string
  readonly network: unknown
  readonly told: readonly string[]
  readonly telemetry: readonly string[]
  readonly custom: unknown
}

const hasTun = (statSync('/dev/net/tun', { throwIfNoEntry: false })?.mode ?? 0) & 0o006
const title = `a service that is not root${hasTun ? '' : ' (skipped: /dev/net/tun is closed to users)'}`

describe.skipIf(!hasTun)(title, () => {
  let script: string
  let answer: Answer
  beforeAll(async () => {
    script = await transpile(
      fileURLToPath(new URL('../../fixtures/runFunctionsAsUser.ts', import.meta.url)),
      'runFunctionsAsUser',
    )
    const [program, ...args] = asNobody([process.execPath, script])
    const { stdout } = await promisify(execFile)(program, args, { cwd: '/', env: { PATH: process.env['PATH'] } })
    answer = JSON.parse(stdout) as Answer
  })

  it('runs functions as another user of a namespace of its own, without rights', () => {
    const field = (name: string) => new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(answer.status)?.[1]
    expect(answer.uid).not.toBe(0)
    expect(field('Uid')).toBe('1051\t1051\t1051\t1051')
    expect(field('NoNewPrivs')).toBe('1')
    expect(field('Seccomp')).toBe('2')
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) expect(Number(`0x${field(set)}`)).toBe(0)
  })

  it('lets them write nowhere but in /tmp, although the folders of the sandbox are its own', () => {
    expect(answer.writable).toEqual(['/tmp'])
  })

  it('keeps environments warm', () => {
    expect(answer.counts).toEqual([1, 2])
  })

  it('ends what uses too much memory, with or without control groups', () => {
    expect(answer.memory).toMatchObject({ errorType: 'Runtime.OutOfMemory' })
  })

  it('runs extensions beside functions, as the same user', () => {
    expect(answer.told).toEqual(['told 1051'])
  })

  it('gives extensions telemetry where the function has a network, and says so where it has none', () => {
    expect(answer.telemetry).toEqual(['subscribed [200, "OK"]', expect.stringMatching(/^subscribed.*NotSupported/)])
  })

  it('runs custom runtimes, which find no descriptor open but their standard streams', () => {
    const event = { uid: '1051', open: '', isOwn: true }
    expect(answer.custom).toEqual([
      { ...event, isColdStart: true },
      { ...event, isColdStart: false },
    ])
  })

  it('gives them a way out that does not lead to the host', () => {
    expect(answer.network).toEqual([['lo', 'tap0'], 'ECONNREFUSED', 'EHOSTUNREACH'])
  })

  it('lets them make no namespaces', () => {
    expect(answer.unshare).toContain('Operation not permitted')
  })
})
