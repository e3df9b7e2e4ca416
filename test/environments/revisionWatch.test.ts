import { afterAll, beforeAll, expect, it } from 'vitest'
import { type GraphqlClient, graphqlClient } from '../kit/graphqlClient.ts'
import { createNodeFunction, invoke } from '../kit/invocationDocuments.ts'
import { joinService, type TestNode } from '../kit/joinService.ts'
import { startTestService, type TestService } from '../kit/testService.ts'

const WAIT = { timeout: 10_000, interval: 20 } as const
const UPDATE_CODE = `mutation ($input: UpdateFunctionCodeInput!) {
  updateFunctionCode(input: $input) { userErrors { code message } }
}`
const CREATE_ALIAS = 'mutation ($input: CreateAliasInput!) { createAlias(input: $input) { userErrors { code } } }'
const UPDATE_ALIAS = 'mutation ($input: UpdateAliasInput!) { updateAlias(input: $input) { userErrors { code } } }'
const DELETE = 'mutation ($input: DeleteFunctionInput!) { deleteFunction(input: $input) { userErrors { code } } }'

/** Tells its revision and, since no namespace is between, the process it runs in. */
const says = (revision: string) => `export const handler = async () => ({ revision: '${revision}', pid: process.pid })`

let service: TestService
let second: TestNode
let client: GraphqlClient
let other: GraphqlClient

beforeAll(async () => {
  service = await startTestService({ config: { driver: 'process' } })
  second = await joinService(service)
  client = graphqlClient(service.url, service.token)
  other = graphqlClient(second.url, service.token)
})
afterAll(async () => {
  await Promise.all([client.close(), other.close()])
  await second.stop()
  await service[Symbol.asyncDispose]()
})

async function change(document: string, input: object): Promise<void> {
  const { data } = await client.query(document, { input })
  expect(Object.values(data)).toEqual([{ userErrors: [] }])
}

const updateCode = (functionName: string, revision: string, publish = false) =>
  change(UPDATE_CODE, { functionName, publish, code: { files: [{ path: 'index.mjs', content: says(revision) }] } })

async function onOther(functionName: string): Promise<{ revision: string; pid: number }> {
  return (await invoke(other, { functionName })).payload
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

it("a change on one node holds on the other at once, where the old revision's environments end", async () => {
  await createNodeFunction(client, 'changed', says('first'))
  await createNodeFunction(client, 'untouched', says('only'))
  const untouched = await onOther('untouched')
  const first = await onOther('changed')
  expect([first.revision, runs(first.pid)]).toEqual(['first', true])

  await updateCode('changed', 'second')
  const now = await onOther('changed')
  expect(now.revision).toBe('second')
  await expect.poll(() => runs(first.pid), WAIT).toBe(false)
  expect([runs(now.pid), runs(untouched.pid)]).toEqual([true, true])

  await change(DELETE, { functionName: 'changed' })
  await expect.poll(() => runs(now.pid), WAIT).toBe(false)
  expect(await onOther('untouched')).toEqual(untouched)
})

it('an alias that is moved on one node and back is right on the other at once, and warm when it comes back', async () => {
  await createNodeFunction(client, 'moved', says('one'), { publish: true })
  await updateCode('moved', 'two', true)
  const target = { functionName: 'moved', name: 'live' }
  await change(CREATE_ALIAS, { ...target, functionVersion: '1' })
  const one = await onOther('moved:live')
  expect(one.revision).toBe('one')
  await change(UPDATE_ALIAS, { ...target, functionVersion: '2' })
  expect((await onOther('moved:live')).revision).toBe('two')
  await change(UPDATE_ALIAS, { ...target, functionVersion: '1' })
  expect(await onOther('moved:live')).toEqual(one)
})
