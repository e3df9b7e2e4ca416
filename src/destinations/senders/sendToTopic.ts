import type { AwsClients } from '../awsClients.ts'
import type { Delivery } from '../contract.ts'
import { deadLetterAttributes } from './deadLetterAttributes.ts'

/** Publishes to a topic. Source: recorded facts, no. 131 (LocalStack snapshot tests, Apache-2.0). */
export async function sendToTopic(clients: AwsClients, delivery: Delivery): Promise<void> {
  const { PublishCommand } = await import('@aws-sdk/client-sns')
  const client = await clients.topics()
  await client.send(
    new PublishCommand({
      TopicArn: delivery.targetArn,
      Message: delivery.body,
      MessageAttributes: deadLetterAttributes(delivery),
    }),
  )
}
