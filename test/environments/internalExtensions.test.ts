import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { EnvironmentSpec } from '../../src/environments/contract.ts'
import { createTestEnvironments } from '../kit/testEnvironments.ts'

const folder = mkdtempSync(join(tmpdir(), 'lambdaql-internal-extensions-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** An extension within the runtime: a loop beside that of events. `begin` runs before it, with $file to write to. */
const REGISTER = `
extensions=http://$AWS_LAMBDA_RUNTIME_API/2020-01-01/extension
id=$(curl -sS -D - -o /dev/null -H 'Lambda-Extension-Name: inner' -d '{"events":["INVOKE"]}' "$extensions/register" |
  sed -n 's/^lambda-extension-identifier: //Ip' | tr -d '\\r')
while curl -sS -o /dev/null -H "Lambda-Extension-Identifier: $id" "$extensions/event/next"; do :; done &
`
const bootstrap = (begin: string, file: string) => `#!/bin/bash
file=${file}
${begin}
api=http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation
while true; do
  id=$(curl -sS -D - -o /dev/null "$api/next" | sed -n 's/^lambda-runtime-aws-request-id: //Ip' | tr -d '\\r')
  curl -sS -o /dev/null -d 1 "$api/$id/response"
done
`
const CUSTOM: Partial<EnvironmentSpec> = { runtime: 'provided.al2023' }
const STAYS = `trap 'true' TERM`

/** Milliseconds that the end of all environments takes, after two events in one with this bootstrap. */
async function endOf(begin: string, changes: Parameters<typeof createTestEnvironments>[0] = {}) {
  const file = join(folder, String(Math.random()))
  await using kit = createTestEnvironments(changes)
  const spec = kit.spec({ bootstrap: bootstrap(begin, file) }, CUSTOM)
  const cold = await kit.run(spec)
  const warm = await kit.run(spec)
  const begun = performance.now()
  await kit.pool.stop()
  const tookMs = performance.now() - begun
  return { cold, warm, tookMs, written: existsSync(file) ? readFileSync(file, 'utf8') : '' }
}

describe('an extension within a custom runtime', () => {
  it('registers without any beside it, is told of events, and is in the log of the start', async () => {
    const { cold, warm } = await endOf(REGISTER)
    expect(cold).toMatchObject({ value: 1, isColdStart: true })
    expect(cold.initLines.map(({ message }) => message)).toContain(
      'EXTENSION\tName: inner\tState: Ready\tEvents: [INVOKE]',
    )
    expect(warm).toMatchObject({ value: 1, isColdStart: false })
  })

  it('gives its runtime half a second from SIGTERM on, and no more', async () => {
    const { tookMs } = await endOf(`${STAYS}\n${REGISTER}`)
    expect(tookMs).toBeGreaterThan(450)
    expect(tookMs).toBeLessThan(1500)
  })

  it('does not hold up the end of a runtime that ends by itself', async () => {
    const { tookMs } = await endOf(`${REGISTER}\ntrap 'exit 0' TERM`)
    expect(tookMs).toBeLessThan(450)
  })

  it('is what SIGTERM is sent for: a runtime without any is ended at once', async () => {
    // Without isolation what a function writes down can be read here.
    const bare = { driver: 'process', logLevel: 'error' } as const
    const witness = `trap 'echo SIGTERM >> $file; exit 0' TERM`
    expect((await endOf(`${REGISTER}\n${witness}`, bare)).written).toBe('SIGTERM\n')
    const without = await endOf(witness, bare)
    expect(without.written).toBe('')
    expect(without.tookMs).toBeLessThan(300)
  })
})
