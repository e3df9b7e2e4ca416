import type { AwsClientsOf } from '../awsClientCache.ts'
import type { AwsClients } from '../awsClients.ts'
import type { Delivery, Send, Senders } from '../contract.ts'
import { sendToBucket } from './sendToBucket.ts'
import { sendToEventBus } from './sendToEventBus.ts'
import { sendToQueue } from './sendToQueue.ts'
import { sendToTopic } from './sendToTopic.ts'

/** Senders through the AWS SDK, each account by its own endpoint and credentials. */
export function createSenders(clientsOf: AwsClientsOf): Senders {
  const through =
    (send: (clients: AwsClients, delivery: Delivery) => Promise<void>): Send =>
    async (delivery) =>
      send(await clientsOf(delivery.scope), delivery)
  return {
    QUEUE: through(sendToQueue),
    TOPIC: through(sendToTopic),
    EVENT_BUS: through(sendToEventBus),
    BUCKET: through(sendToBucket),
  }
}
