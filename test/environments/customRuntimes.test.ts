import { afterAll, describe, expect, it } from 'vitest'
import type { EnvironmentSpec } from '../../src/environments/contract.ts'
import { createTestEnvironments } from '../kit/testEnvironments.ts'

const kit = createTestEnvironments()
afterAll(() => kit[Symbol.asyncDispose]())

/** A runtime of a few lines on Node.js: `handle(event, headers)` is what is tested. */
const nodeBootstrap = (handle: string, load = '') => `#!/usr/bin/env node
const api = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime'
const post = (path, body, headers = {}) => fetch(api + path, { method: 'POST', body, headers, duplex: 'half' })
const handle = ${handle}
async function main() {
  ${load}
  for (;;) {
    const next = await fetch(api + '/invocation/next')
    const event = await next.json()
    const id = next.headers.get('lambda-runtime-aws-request-id')
    const result = await handle(event, next.headers, id)
    if (result !== undefined) await post('/invocation/' + id + '/response', JSON.stringify(result))
  }
}
main()
`
const spec = (bootstrap: string, changes: Partial<EnvironmentSpec> = {}) =>
  kit.spec({ bootstrap }, { runtime: 'provided.al2023', ...changes })

describe('a custom runtime', () => {
  it('takes one event after the other and answers', async () => {
    const version = spec(nodeBootstrap('(event) => { console.log("got", event.n); return { echo: event } }'))
    const cold = await kit.run(version, { n: 1, text: 'ü' })
    const warm = await kit.run(version, { n: 2 })
    expect(cold).toMatchObject({ value: { echo: { n: 1, text: 'ü' } }, isColdStart: true })
    expect(warm).toMatchObject({ value: { echo: { n: 2 } }, isColdStart: false, initDurationUs: null })
    expect([cold, warm].map(({ lines }) => lines.map(({ message }) => message))).toEqual([['got 1'], ['got 2']])
    expect(warm.durationUs).toBeLessThan(50_000)
    console.log(cold.initDurationUs, cold.durationUs, warm.durationUs)
  })
})
