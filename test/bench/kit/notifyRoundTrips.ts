import { connectClient } from '../../../src/db/pool.ts'

/** PostgreSQL's own way to tell somebody something: one connection notifies, another listens. */
export interface Notifier extends AsyncDisposable {
  /** From the order to its arrival at the listener, in milliseconds. */
  roundTrip(): Promise<number>
}

export async function connectNotifier(url: string): Promise<Notifier> {
  const [listener, notifier] = await Promise.all([connectClient(url), connectClient(url)])
  await listener.query('LISTEN bench')
  return {
    roundTrip() {
      const beganMs = performance.now()
      return new Promise((resolve, reject) => {
        listener.once('notification', () => resolve(performance.now() - beganMs))
        notifier.query("SELECT pg_notify('bench', 'a line of the log')").catch(reject)
      })
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([listener.end(), notifier.end()])
    },
  }
}
