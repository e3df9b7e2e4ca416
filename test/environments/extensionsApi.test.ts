import { once } from 'node:events'
import type { Server } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ExtensionRegistry } from '../../src/environments/extensions/extensionRegistry.ts'
import { ExtensionsApi } from '../../src/environments/extensions/extensionsApi.ts'
import { closeApiServer, createApiServer } from '../../src/environments/runtimeApi/apiServer.ts'

const METADATA = { functionName: 'f', functionVersion: '1', handler: 'h', accountId: '100000000001' }

let registry: ExtensionRegistry
let server: Server
let url: string
beforeEach(async () => {
  const socket = createServer().listen(0, '127.0.0.1')
  await once(socket, 'listening')
  url = `http://127.0.0.1:${(socket.address() as AddressInfo).port}`
  registry = new ExtensionRegistry(['outer'])
  const api = new ExtensionsApi(registry, METADATA, null)
  server = createApiServer(socket, [(request, response) => api.serve(request, response)])
})
afterEach(() => closeApiServer(server))

async function send(method: string, path: string, headers: Record<string, string> = {}, body: unknown = undefined) {
  const text = typeof body === 'string' ? body : body === undefined ? null : JSON.stringify(body)
  const response = await fetch(`${url}/2020-01-01/extension/${path}`, { method, headers, body: text })
  return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) }
}
const register = (name: string, events: readonly unknown[] = [], headers = {}) =>
  send('POST', 'register', { 'Lambda-Extension-Name': name, ...headers }, { events })
const idOf = (answer: { headers: Headers }) => answer.headers.get('lambda-extension-identifier')!
const next = (id: string) => send('GET', 'event/next', { 'Lambda-Extension-Identifier': id })
const refused = (errorType: string, errorMessage: string | RegExp) => ({
  status: 403,
  body: { errorType, errorMessage: expect.stringMatching(errorMessage) },
})

describe('registering', () => {
  it('answers with the function, and with the account where that is asked for', async () => {
    const { status, headers, body } = await register('outer', ['INVOKE', 'SHUTDOWN'])
    expect({ status, body }).toEqual({ status: 200, body: { functionName: 'f', functionVersion: '1', handler: 'h' } })
    expect(headers.get('lambda-extension-identifier')).toMatch(/^[0-9a-f-]{36}$/)
    const asking = await register('inner', ['INVOKE'], { 'Lambda-Extension-Accept-Feature': 'x, accountId' })
    expect(asking.body).toMatchObject({ accountId: '100000000001' })
  })

  it.each([
    ['without a name', () => register(''), refused('Extension.InvalidExtensionName', 'Empty extension name')],
    [
      'with a name that no file has',
      () => register('x'.repeat(256)),
      refused('Extension.InvalidExtensionName', 'long'),
    ],
    ['for an unknown event', () => register('outer', ['LUNCH']), refused('Extension.InvalidEventType', '^LUNCH: ')],
    [
      'for the end, from within the runtime',
      () => register('inner', ['SHUTDOWN']),
      refused('Extension.InvalidEventType', '^SHUTDOWN: ShutdownEventNotSupportedForInternalExtension$'),
    ],
    [
      'with what is no list of events',
      () => send('POST', 'register', { 'Lambda-Extension-Name': 'outer' }, 'no JSON'),
      refused('InvalidRequestFormat', ''),
    ],
  ])('is refused %s', async (_name, ask, answer) => {
    expect(await ask()).toMatchObject(answer)
  })

  it('is refused a second time, and with a name that is taken', async () => {
    await register('outer')
    expect(await register('outer')).toMatchObject(
      refused(
        'Extension.InvalidExtensionState',
        /^State transition from Registered to Registered failed for extension outer\./,
      ),
    )
    await register('inner')
    const taken = refused('Extension.InvalidExtensionState', /^Extension with this name already registered$/)
    expect(await register('inner')).toMatchObject(taken)
  })

  it('is refused behind the tenth, and when the start is over', async () => {
    for (let count = 0; count < 9; count += 1) await register(`inner-${count}`)
    expect(await register('one-more')).toMatchObject(
      refused('Extension.TooManyExtensions', /^Extension limit \(10\) reached$/),
    )
    registry.isClosed = true
    expect(await register('late')).toMatchObject(
      refused('Extension.RegistrationClosed', 'Extension registration closed already'),
    )
  })
})

describe('asking for an event', () => {
  it('waits for one, which has an id of its own', async () => {
    const id = idOf(await register('outer', ['INVOKE']))
    const asking = next(id)
    await registry.until(({ state }) => state.kind === 'READY', 5_000)
    registry.deliver('SHUTDOWN', { eventType: 'SHUTDOWN' })
    registry.deliver('INVOKE', { eventType: 'INVOKE' })
    const { status, headers, body } = await asking
    expect({ status, body }).toEqual({ status: 200, body: { eventType: 'INVOKE' } })
    expect(headers.get('lambda-extension-event-identifier')).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('finds what came while nobody waited', async () => {
    const id = idOf(await register('outer', ['INVOKE']))
    registry.deliver('INVOKE', { n: 1 })
    expect((await next(id)).body).toEqual({ n: 1 })
  })

  it('is refused to who is not known', async () => {
    expect(await send('GET', 'event/next')).toMatchObject(
      refused('Extension.MissingExtensionIdentifier', 'Missing Lambda-Extension-Identifier header'),
    )
    expect(await next('nobody')).toMatchObject(
      refused('Extension.InvalidExtensionIdentifier', 'Invalid Lambda-Extension-Identifier'),
    )
    const unknown = '00000000-0000-4000-8000-000000000000'
    expect(await next(unknown)).toMatchObject(
      refused('Extension.UnknownExtensionIdentifier', `Unknown extension ${unknown}`),
    )
  })
})

describe('telling an error', () => {
  it('is accepted with its type, and then nothing else is', async () => {
    const id = idOf(await register('outer', ['INVOKE']))
    const headers = { 'Lambda-Extension-Identifier': id, 'Lambda-Extension-Function-Error-Type': 'Extension.Mine' }
    expect(await send('POST', 'init/error', { 'Lambda-Extension-Identifier': id })).toMatchObject(
      refused('Extension.MissingHeader', 'Lambda-Extension-Function-Error-Type not found'),
    )
    expect(await send('POST', 'init/error', headers)).toMatchObject({ status: 202, body: { status: 'OK' } })
    expect(await next(id)).toMatchObject(refused('Extension.InvalidExtensionState', 'from InitError to Ready failed'))
    expect(registry.lines()).toEqual([
      'EXTENSION\tName: outer\tState: InitError\tEvents: [INVOKE]\tError Type: Extension.Mine',
    ])
  })
})
