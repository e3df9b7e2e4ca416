import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { type Connection, openConnection } from '../../../src/api/websocket/connection.ts'
import { WEBSOCKET_LIMITS, type WebSocketLimits } from '../../../src/api/websocket/limits.ts'

const MESSAGE = 'x'.repeat(1024 * 1024)

describe('a WebSocket connection', () => {
  let server: Server
  beforeAll(async () => {
    server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterAll(() => server?.close())

  /** Connects a client: its socket, the service's side of it, and the socket below that. */
  async function open(limits: Partial<WebSocketLimits>, beat: () => void = () => undefined) {
    const sockets = new WebSocketServer({ noServer: true })
    const opened = new Promise<{ connection: Connection; socket: Socket }>((resolve) =>
      server.once('upgrade', (request, socket, head) =>
        sockets.handleUpgrade(request, socket, head, (websocket) => {
          const bounds = { ...WEBSOCKET_LIMITS, ...limits }
          const connection = openConnection(websocket, request, bounds, { beat, onFailure: () => undefined })
          resolve({ connection, socket: request.socket })
        }),
      ),
    )
    const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
    client.on('error', () => undefined)
    await once(client, 'open')
    return { client, ...(await opened) }
  }

  test('sends a message when the peer has taken the one before', async () => {
    const { client, connection } = await open({})
    client.pause()
    let sent = 0
    const sending = (async () => {
      for (; sent < 50; sent++) await connection.socket.send(MESSAGE)
    })()
    const stuck = async () => {
      for (let before = -1; before !== sent; ) {
        before = sent
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
    await stuck()
    expect(sent).toBeLessThan(50)
    client.resume()
    await sending
    expect(sent).toBe(50)
    client.close()
  })

  test('sends small messages of one turn of the event loop in one write, in their order', async () => {
    const { client, connection, socket } = await open({})
    const received: string[] = []
    client.on('message', (data) => received.push(String(data)))
    let writes = 0
    const { _writev: writev } = socket
    socket._writev = (...args) => {
      writes += 1
      writev!.apply(socket, args)
    }
    const texts = Array.from({ length: 40 }, (_, index) => `message ${index}`)
    for (const text of texts) await connection.socket.send(text)
    while (received.length < texts.length) await once(client, 'message')
    expect(received).toEqual(texts)
    expect(writes).toBe(1)
    client.close()
  })

  test('that does not take what it is sent is closed with a code that says to resume after the last cursor', async () => {
    const { client, connection } = await open({ drainMs: 200 })
    client.pause()
    const closed = once(client, 'close')
    const sending = Promise.all(Array.from({ length: 50 }, () => connection.socket.send(MESSAGE)))
    await new Promise((resolve) => setTimeout(resolve, 500))
    client.resume()
    const [code, reason] = await closed
    expect([code, String(reason)]).toEqual([4291, expect.stringMatching(/^FELL_BEHIND: .*last cursor/)])
    await sending
  })

  test('that takes what it is sent, only slowly, is kept', async () => {
    const { client, connection } = await open({ drainMs: 200 })
    for (let index = 0; index < 5; index++) {
      client.pause()
      const sent = connection.socket.send(MESSAGE)
      setTimeout(() => client.resume(), 100)
      await sent
    }
    expect(client.readyState).toBe(WebSocket.OPEN)
    client.close()
  })

  test('that no longer answers pings is cut off', async () => {
    const { client, connection } = await open({ keepAliveMs: 50 })
    client.pause()
    await connection.closed
    expect(connection.credentials).toBeNull()
    client.terminate()
  })

  test('that answers pings is kept, and looked after at each of them', async () => {
    let beats = 0
    const third = new Promise<void>((resolve) => {
      void open({ keepAliveMs: 20 }, () => {
        beats += 1
        if (beats === 3) resolve()
      })
    })
    await third
    expect(beats).toBe(3)
  })
})
