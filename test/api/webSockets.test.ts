import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createAccessTokens } from '../../src/access/tokens.ts'
import { systemClock } from '../../src/model/clock.ts'
import { type GraphqlClient, graphqlClient } from '../kit/graphqlClient.ts'
import { startTestService, type TestService } from '../kit/testService.ts'

const CREATE =
  'mutation { createFunction(input: { functionName: "loud", runtime: NODEJS20_X, handler: "index.handler", code: { files: [{ path: "index.js", content: "exports.handler = async (e) => console.log(e.text)" }] } }) { function { state } userErrors { message } } }'
const INVOKE =
  'mutation ($text: String!) { invoke(input: { functionName: "loud", payloadText: $text }) { statusCode functionError userErrors { message } } }'

describe('GraphQL over WebSockets', () => {
  let service: TestService
  let client: GraphqlClient
  beforeAll(async () => {
    service = await startTestService({ config: { logLevel: 'silent' } })
    client = graphqlClient(service.url, service.token)
  })
  afterAll(async () => {
    await client?.close()
    await service?.[Symbol.asyncDispose]()
  })

  const open = (headers: Record<string, string> = {}, protocol = 'graphql-transport-ws') =>
    new WebSocket(`${service.url.replace('http', 'ws')}/graphql`, protocol, { headers })

  /** Opens a connection with these parameters: what came back first, a message or the code of a close. */
  async function connect(socket: WebSocket, payload: object | undefined): Promise<unknown> {
    await once(socket, 'open')
    socket.send(JSON.stringify({ type: 'connection_init', payload }))
    return firstOf(socket)
  }
  async function firstOf(socket: WebSocket): Promise<unknown> {
    return Promise.race([
      once(socket, 'message').then(([data]) => JSON.parse(String(data)) as unknown),
      once(socket, 'close').then(([code]) => code as unknown),
    ])
  }
  async function refusal(socket: WebSocket): Promise<number> {
    const [, response] = await once(socket, 'unexpected-response')
    socket.on('error', () => undefined)
    socket.terminate()
    return response.statusCode
  }
  const acknowledged = { type: 'connection_ack' }

  test('a log is followed from its beginning, with cursors, while it is written', async () => {
    expect((await client.query(CREATE)).data.createFunction.userErrors).toEqual([])
    const lines: string[] = []
    const cursors = new Set<string>()
    const log = client.subscribe('subscription { logTail(functionName: "loud", after: "") { cursor message source } }')
    const invoked = client.query(INVOKE, { text: '{"text":"hello there"}' })
    for await (const { data } of log) {
      lines.push(data.logTail.message)
      cursors.add(data.logTail.cursor)
      if (data.logTail.message.startsWith('REPORT')) break
    }
    expect((await invoked).data.invoke).toEqual({ statusCode: 200, functionError: null, userErrors: [] })
    expect(lines.some((line) => line.includes('hello there'))).toBe(true)
    expect(cursors.size).toBe(lines.length)
  })

  test("a subscription's user fault is an error with its code", async () => {
    const log = client.subscribe('subscription { logTail(functionName: "nobody") { message } }')
    const { value } = await log.next()
    expect(value).toEqual({
      errors: [expect.objectContaining({ message: 'Function not found: nobody', path: ['logTail'] })],
    })
    expect(value.errors[0].extensions).toMatchObject({ code: 'RESOURCE_NOT_FOUND', requestId: expect.any(String) })
  })

  test('queries and mutations run too, within the same limits', async () => {
    const viewer = await client.subscribe('{ viewer { region } }').next()
    expect(viewer.value).toEqual({ data: { viewer: { region: 'us-east-1' } } })
    const many = Array.from({ length: 26 }, (_, index) => `a${index}: viewer { region }`).join(' ')
    await expect(client.subscribe(`{ ${many} }`).next()).rejects.toMatchObject([
      { extensions: { code: 'OPERATION_TOO_LARGE' } },
    ])
  })

  test.each([
    ['token', (token: string) => ({ token })],
    ['authorization', (token: string) => ({ authorization: `Bearer ${token}` })],
  ])('a connection is opened with the parameter %s', async (_name, params) => {
    const socket = open()
    expect(await connect(socket, params(service.token))).toEqual(acknowledged)
    socket.close()
  })

  test('a connection from a page of the service itself is opened with its cookie', async () => {
    const socket = open({ cookie: `lambdaql-token=${service.token}`, origin: service.url })
    expect(await connect(socket, undefined)).toEqual(acknowledged)
    socket.close()
  })

  test('a connection from a page of another site is refused, whatever the cookie', async () => {
    const headers = { cookie: `lambdaql-token=${service.token}`, origin: 'https://example.com' }
    expect(await refusal(open(headers))).toBe(403)
  })

  test('a connection under a name that is not of this machine is refused', async () => {
    expect(await refusal(open({ host: 'rebound.example.com' }))).toBe(421)
  })

  test.each([
    ['without a token', {}],
    ['with a wrong token', { token: `lql_${'A'.repeat(43)}` }],
  ])('a connection %s is closed with 4401', async (_case, params) => {
    expect(await connect(open(), params)).toBe(4401)
  })

  test('revoking a token closes its connections', async () => {
    const { data } = await client.query(
      'mutation { createAccessToken(input: { name: "watcher", role: ADMIN }) { secret accessToken { id } } }',
    )
    const { secret, accessToken } = data.createAccessToken
    const socket = open()
    expect(await connect(socket, { token: secret })).toEqual(acknowledged)
    await client.query('mutation ($id: ID!) { revokeAccessToken(input: { id: $id }) { userErrors { code } } }', {
      id: accessToken.id,
    })
    expect(await firstOf(socket)).toBe(4401)
  })

  test('a token has 50 connections at a time', async () => {
    const access = createAccessTokens({
      prisma: service.database.prisma,
      clock: systemClock(),
      region: 'us-east-1',
    })
    const request = { name: 'many', role: 'ADMIN', expiresInSeconds: null } as const
    const { secret } = await access.create('100000000001', request)
    const sockets = Array.from({ length: 51 }, () => open())
    const answers = await Promise.all(sockets.map((socket) => connect(socket, { token: secret })))
    expect(answers.filter((answer) => answer === 4290)).toHaveLength(1)
    for (const socket of sockets) socket.close()
  })

  test('another protocol, and a message that is too large, close the connection', async () => {
    const other = open({}, 'graphql-ws')
    expect(await once(other, 'error')).toEqual([new Error('Server sent no subprotocol')])
    const socket = open()
    expect(await connect(socket, { token: service.token })).toEqual(acknowledged)
    socket.send(`"${'x'.repeat(17 * 1024 * 1024)}"`)
    expect(await firstOf(socket)).toBe(1009)
  })

  test('a service that stops lets mutations end and tells subscribers to come back', async () => {
    const stopping = await startTestService()
    const socket = new WebSocket(`${stopping.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
    await connect(socket, { token: stopping.token })
    const closed = once(socket, 'close')
    await stopping[Symbol.asyncDispose]()
    const [code, reason] = await closed
    expect([code, String(reason)]).toEqual([1012, expect.stringContaining('SERVICE_STOPPING')])
  })
})
