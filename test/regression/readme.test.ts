import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { InvokeWithResponseStreamCommand } from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { INSTALLATION_FOLDER } from '../../src/installation.ts'
import { type GraphqlClient, graphqlClient } from '../kit/graphqlClient.ts'
import { createNodeFunction } from '../kit/invocationDocuments.ts'
import { lambdaClient } from '../kit/lambdaClient.ts'
import { startTestService, type TestService } from '../kit/testService.ts'

const README = readFileSync(join(INSTALLATION_FOLDER, 'README.md'), 'utf8')
const [deploy, tail, invoke, publishLayer, useLayer, createMachine, startIt, followIt, lookAtIt] = [
  ...README.matchAll(/```graphql\n([\s\S]*?)```/g),
].map(([, operation]) => operation!)

describe('the tour of the README, pasted', () => {
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

  it('deploys a function, tails it, invokes it and shows its bill', async () => {
    const created = await client.query(deploy!)
    expect(created.data.createFunction).toMatchObject({
      function: { state: expect.stringMatching(/^(ACTIVE|PENDING)$/) },
      userErrors: [],
    })

    const lines = client.subscribe(tail!)
    const invoked = await client.query(invoke!)
    expect(invoked.data.invoke).toMatchObject({ statusCode: 200, payload: { greeting: 'Hello, Ada!' }, userErrors: [] })
    expect(invoked.data.invoke.invocation.attempts).toMatchObject([{ isColdStart: true, cost: '0.000000208' }])
    for await (const { data } of lines) if (data.logTail.message.startsWith('REPORT')) break

    const [bill] = /subscription \{ billingEvents[^`]*/.exec(README)!
    for await (const { data } of client.subscribe(bill)) {
      expect(data.billingEvents).toEqual({ functionName: 'hello', billedDurationMs: 100, cost: '0.000000208' })
      break
    }
  })

  it('publishes a layer and invokes a function that uses it', async () => {
    expect((await client.query(publishLayer!)).data.publishLayerVersion).toMatchObject({
      layerVersion: { version: 1 },
      userErrors: [],
    })
    const { data } = await client.query(useLayer!)
    expect(data.createFunction.userErrors).toEqual([])
    expect(data.invoke).toEqual({ payload: 'Good day, Ada!' })
    const [list] = /\{ layers \{ nodes[^`]*/.exec(README)!
    expect((await client.query(list)).data.layers.nodes).toMatchObject([{ layerName: 'greetings' }])
  })

  it('creates a state machine, starts it, follows it and looks at it', async () => {
    const { data } = await client.query(createMachine!)
    expect(data.createStateMachine.userErrors).toEqual([])
    expect((await client.query(startIt!)).data.startExecution.userErrors).toEqual([])
    const types = []
    for await (const { data: told } of client.subscribe(followIt!)) types.push(told.executionEvents.type)
    expect(types.at(-1)).toBe('ExecutionSucceeded')
    const { execution } = (await client.query(lookAtIt!)).data
    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: { text: 'Hello, Ada!' } })
    expect(execution.diagram).toMatch(/^<svg/)
    expect(execution.states).toMatchObject([
      { name: 'Greet', invocations: [{}] },
      { name: 'Breathe' },
      { name: 'Done' },
    ])
  })

  it("streams a response word by word to AWS's own client", async () => {
    const [, content] = /```js\n([\s\S]*?)```/.exec(README)!
    await createNodeFunction(client, 'words', content!)
    const aws = lambdaClient(service.url, service.token)
    const { EventStream } = await aws.send(new InvokeWithResponseStreamCommand({ FunctionName: 'words' }))
    const events = []
    for await (const { PayloadChunk, InvokeComplete } of EventStream!) {
      events.push(PayloadChunk === undefined ? InvokeComplete : Buffer.from(PayloadChunk.Payload!).toString('utf8'))
    }
    expect(events).toEqual(['streamed ', 'word ', 'by ', 'word ', {}])
    aws.destroy()
  })

  it('asks which runtimes there are as it says', async () => {
    const [query] = /\{ runtimes \{[^`]*/.exec(README)!
    expect((await client.query(query)).errors).toBeUndefined()
  })
})

describe('the links of the READMEs', () => {
  const files = [
    'README.md',
    'docs/performance.md',
    'docs/benchmarks/README.md',
    'examples/README.md',
    'examples/order-processing/README.md',
    ...['api', 'db', 'events', 'environments', 'functions', 'invocations', 'statemachines'].map(
      (room) => `src/${room}/README.md`,
    ),
  ]

  it.each(files)('in %s lead to files that are there', (file) => {
    const text = readFileSync(join(INSTALLATION_FOLDER, file), 'utf8')
    const targets = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target]) => target!)
    const missing = targets.filter((target) => !existsSync(join(INSTALLATION_FOLDER, dirname(file), target)))
    expect(missing).toEqual([])
  })
})
