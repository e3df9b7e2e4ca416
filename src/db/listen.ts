import type pg from 'pg'
import { pause } from './pause.ts'
import { connectClient } from './pool.ts'

/** Hears what is said with NOTIFY, over one connection that comes back by itself. */
export interface Listener {
  /**
   * Calls `onNotify` with each payload that is sent on the channel from the moment on that `onReconnect` was called.
   * `onReconnect` is called when listening has begun, for the first time too, and each time it has begun again after the
   * connection was lost: what was sent before may have been missed, so look for yourself. Never calls synchronously.
   * `channel` is an identifier in lower case.
   */
  subscribe(channel: string, onNotify: (payload: string) => void, onReconnect: () => void): Disposable
  /** Forgets all subscriptions and closes the connection. */
  stop(): Promise<void>
}

interface Subscription {
  readonly onNotify: (payload: string) => void
  readonly onReconnect: () => void
}

const FIRST_RETRY_DELAY_MS = 50
const LONGEST_RETRY_DELAY_MS = 2_000
/** A connection that died without a word (a cable, a firewall) is found out by asking. */
const HEARTBEAT_MS = 15_000

/** A listener on a database; it connects with the first subscription. `onLost` is told why a connection was lost. */
export function createListener(connectionString: string, onLost: (error: unknown) => void): Listener {
  const channels = new Map<string, Set<Subscription>>()
  const stopping = new AbortController()
  let client: pg.Client | null = null
  let running: Promise<void> | null = null

  async function listenOn(connection: pg.Client, channel: string): Promise<void> {
    await connection.query(`LISTEN ${quote(channel)}`)
    for (const { onReconnect } of [...(channels.get(channel) ?? [])]) onReconnect()
  }

  /** Holds one connection until it is lost. */
  async function holdConnection(): Promise<void> {
    const lost = new AbortController()
    const connection = await connectClient(connectionString, {
      applicationName: 'lambdaql listener',
      onLost: (error) => lost.abort(error),
    })
    connection.once('end', () => lost.abort(new Error('the connection was closed')))
    connection.on('notification', ({ channel, payload }) => {
      for (const { onNotify } of [...(channels.get(channel) ?? [])]) onNotify(payload ?? '')
    })
    try {
      client = connection
      await Promise.all([...channels.keys()].map((channel) => listenOn(connection, channel)))
      while (!stopping.signal.aborted) {
        await pause(HEARTBEAT_MS, AbortSignal.any([stopping.signal, lost.signal]))
        if (lost.signal.aborted) throw lost.signal.reason
        if (!stopping.signal.aborted) await withinMs(HEARTBEAT_MS, connection.query('SELECT 1'))
      }
    } finally {
      client = null
      await connection.end().catch(() => undefined)
    }
  }

  async function run(): Promise<void> {
    let delayMs = FIRST_RETRY_DELAY_MS
    while (!stopping.signal.aborted) {
      const startedAt = performance.now()
      try {
        await holdConnection()
      } catch (error) {
        onLost(error)
        if (performance.now() - startedAt > LONGEST_RETRY_DELAY_MS) delayMs = FIRST_RETRY_DELAY_MS
        await pause(delayMs, stopping.signal)
        delayMs = Math.min(delayMs * 2, LONGEST_RETRY_DELAY_MS)
      }
    }
  }

  return {
    subscribe(channel, onNotify, onReconnect) {
      const subscription = { onNotify, onReconnect }
      const group = channels.get(channel)
      if (group === undefined) {
        channels.set(channel, new Set([subscription]))
        // A connection that is being lost fails here, and the next one listens on all channels.
        if (client !== null) listenOn(client, channel).catch(() => undefined)
      } else {
        group.add(subscription)
        // Whether the channel is listened on already is known to the server; asking twice does no harm.
        if (client !== null)
          client.query(`LISTEN ${quote(channel)}`).then(
            () => group.has(subscription) && onReconnect(),
            () => undefined,
          )
      }
      running ??= run()
      return {
        [Symbol.dispose]() {
          const present = channels.get(channel)
          present?.delete(subscription)
          if (present?.size !== 0) return
          channels.delete(channel)
          client?.query(`UNLISTEN ${quote(channel)}`).catch(() => undefined)
        },
      }
    },
    async stop() {
      channels.clear()
      stopping.abort()
      await running
    },
  }
}

function quote(channel: string): string {
  return `"${channel.replaceAll('"', '""')}"`
}

function withinMs<Value>(ms: number, promise: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the connection does not answer')), ms)
    promise.finally(() => clearTimeout(timer)).then(resolve, reject)
  })
}
