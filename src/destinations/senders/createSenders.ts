import { type AwsClients, createAwsClients } from '../awsClients.ts'
import type { AwsConnection, Delivery, Send, Senders } from '../contract.ts'
import { sendToBucket } from './sendToBucket.ts'
import { sendToEventBus } from './sendToEventBus.ts'
import { sendToQueue } from './sendToQueue.ts'
import { sendToTopic } from './sendToTopic.ts'

/** Accounts whose clients are kept at most; those beyond are made anew. */
const LARGEST_CACHE = 100

/** Senders through the AWS SDK, each account by its own endpoint and credentials. */
export function createSenders(connectionOf: (scope: Delivery['scope']) => Promise<AwsConnection | null>): Senders {
  const cache = new Map<string, AwsClients>()

  async function clientsOf(delivery: Delivery): Promise<AwsClients> {
    const { scope } = delivery
    const connection = await connectionOf(scope)
    if (connection === null) {
      throw new Error(
        'The account has no AWS endpoint in this region. Please put one with the mutation putAwsEndpoint: the delivery is tried again.',
      )
    }
    const key = `${scope.accountId} ${scope.region} ${connection.revision}`
    const found = cache.get(key) ?? createAwsClients(scope, connection)
    cache.delete(key)
    cache.set(key, found)
    for (const oldest of cache.keys()) {
      if (cache.size <= LARGEST_CACHE) break
      cache.delete(oldest)
    }
    return found
  }

  const through =
    (send: (clients: AwsClients, delivery: Delivery) => Promise<void>): Send =>
    async (delivery) =>
      send(await clientsOf(delivery), delivery)
  return {
    QUEUE: through(sendToQueue),
    TOPIC: through(sendToTopic),
    EVENT_BUS: through(sendToEventBus),
    BUCKET: through(sendToBucket),
  }
}
