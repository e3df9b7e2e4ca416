import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import type { EnvironmentSpec } from '../../../src/environments/contract.ts'
import { createAttacked } from './attack.ts'

const attacked = createAttacked()
afterAll(() => attacked[Symbol.asyncDispose]())

/** How many processes of the host belong to a user. */
function processesOf(uid: number): number {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/status`, 'latin1').includes(`\nUid:\t${uid}\t`)
    } catch {
      return false
    }
  }).length
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}

const DAEMON = `
import os, time
def daemon():
    if os.fork() != 0:
        return
    os.setsid()
    if os.fork() != 0:
        os._exit(0)
    while True:
        with open('/tmp/ticks', 'a') as file:
            file.write('.')
        time.sleep(0.01)
def ticks():
    try:
        return os.path.getsize('/tmp/ticks')
    except OSError:
        return 0
`

describe('a function cannot outlive what it was started for', () => {
  const endings: Record<string, { source: string; failure: string | null; changes?: Partial<EnvironmentSpec> }> = {
    'a timeout': { source: 'time.sleep(60)', failure: 'TIMEOUT', changes: { timeoutMs: 500 } },
    'its own exit': { source: 'os._exit(3)', failure: 'CRASH' },
    'a signal to itself': { source: 'os.kill(os.getpid(), 9)', failure: 'CRASH' },
  }
  it.each(Object.keys(endings))('by a daemon of its own session: after %s no process is left', async (name) => {
    const { source, failure, changes } = endings[name]!
    const { outcome, lines } = await attacked.attack(
      attacked.python(
        `${DAEMON}
def handler(event, context):
    daemon()
    print(os.getuid(), flush=True)
    ${source}
`,
        changes,
      ),
    )
    expect(outcome).toMatchObject({ failure })
    const uid = Number(lines.find(({ source: from }) => from === 'STDOUT')!.message)
    expect(uid).toBeGreaterThan(0)
    await until(() => processesOf(uid) === 0)
  })

  it('by a daemon: when the pool stops no process is left', async () => {
    const other = createAttacked()
    const { value } = await other.run(
      other.python(`${DAEMON}
def handler(event, context):
    daemon()
    return os.getuid()
`),
    )
    expect(processesOf(value as number)).toBeGreaterThan(0)
    await other[Symbol.asyncDispose]()
    expect(processesOf(value as number)).toBe(0)
  })

  it('nothing of it runs between two events', async () => {
    const spec = attacked.python(`${DAEMON}
def handler(event, context):
    if event['start']:
        daemon()
        while ticks() < 3:
            time.sleep(0.005)
    return {'ticks': ticks(), 'uid': os.getuid()}
`)
    const first = (await attacked.run(spec, { start: true })).value as { ticks: number; uid: number }
    // Long enough for the daemon to tick a hundred times, were it not frozen a tenth of a second after the answer.
    const begin = performance.now()
    await until(() => performance.now() - begin > 1_000)
    const second = await attacked.run(spec, { start: false })
    const { ticks, uid } = second.value as { ticks: number; uid: number }
    expect(second.isColdStart).toBe(false)
    expect(uid).toBe(first.uid)
    expect(ticks - first.ticks).toBeLessThan(30)
  })
})

describe('a function cannot signal what is not its own', () => {
  it.each(['1', 'os.getppid()', '-1'])('os.kill(%s, SIGKILL)', async (target) => {
    const { value, outcome } = await attacked.attack(
      attacked.python(`
import os, signal
def handler(event, context):
    try:
        os.kill(${target}, signal.SIGKILL)
        return 'sent'
    except OSError as error:
        return error.strerror
`),
    )
    if (outcome.kind === 'SUCCEEDED') expect(['Operation not permitted', 'sent', 'No such process']).toContain(value)
    else expect(outcome.failure).toBe('CRASH')
  })
})
