import { afterAll, beforeAll, expect, it } from 'vitest'
import { type GraphqlClient, graphqlClient } from '../kit/graphqlClient.ts'
import { createNodeFunction, invoke } from '../kit/invocationDocuments.ts'
import { startTestService, type TestService } from '../kit/testService.ts'

let service: TestService
let client: GraphqlClient

beforeAll(async () => {
  service = await startTestService()
  client = graphqlClient(service.url, service.token)
})
afterAll(async () => {
  await client.close()
  await service[Symbol.asyncDispose]()
})

const BOOTSTRAP = `#!/usr/bin/env node
const api = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime/invocation/'
for (;;) {
  const next = await fetch(api + 'next')
  const id = next.headers.get('lambda-runtime-aws-request-id')
  console.log('handling', id)
  const result = { id, handler: process.env._HANDLER, event: await next.json() }
  await fetch(api + id + '/response', { method: 'POST', body: JSON.stringify(result) })
}
`

it.each(['PROVIDED_AL2023', 'PROVIDED_AL2'])('a function of the runtime %s runs its own bootstrap', async (runtime) => {
  const files = [
    { path: 'bootstrap', content: BOOTSTRAP },
    { path: 'package.json', content: '{"type":"module"}' },
  ]
  const functionName = runtime.toLowerCase()
  await createNodeFunction(client, functionName, '', { runtime, handler: 'my.handler', code: { files } })
  for (const n of [1, 2]) {
    const answer = await invoke(client, { functionName, payload: { n }, logTail: true })
    const { requestId } = answer
    expect(answer).toMatchObject({
      payload: { id: requestId, handler: 'my.handler', event: { n } },
      functionError: null,
      userErrors: [],
    })
    const lines = answer.logTail.split('\n')
    expect(lines.slice(0, 3)).toEqual([
      `START RequestId: ${requestId} Version: $LATEST`,
      `handling ${requestId}`,
      `END RequestId: ${requestId}`,
    ])
    expect(lines[3]).toMatch(new RegExp(`^REPORT RequestId: ${requestId}\\t`))
    expect(lines[3].includes('Init Duration')).toBe(n === 1)
  }
})

it("a function whose bootstrap is missing is the caller's fault to mend: an error of the function", async () => {
  await createNodeFunction(client, 'empty', '', { runtime: 'PROVIDED_AL2023', handler: 'x' })
  const { functionError, payload } = await invoke(client, { functionName: 'empty' })
  expect({ functionError, payload }).toMatchObject({
    functionError: 'Unhandled',
    payload: { errorType: 'Runtime.InvalidEntrypoint' },
  })
})

it('every runtime is listed with what there is of it and what to do where there is none', async () => {
  const { data } = await client.query('{ runtimes { runtime identifier isUsable version interpreterPath advice } }', {})
  const find = (identifier: string) =>
    data.runtimes.find((each: { identifier: string }) => each.identifier === identifier)
  for (const identifier of ['provided.al2023', 'provided.al2']) {
    expect(find(identifier)).toMatchObject({ isUsable: true, version: expect.any(String), advice: null })
  }
  for (const each of data.runtimes) expect(each.isUsable || each.advice !== null).toBe(true)
})
