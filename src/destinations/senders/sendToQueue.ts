import { targetName } from '../../model/destinationArn.ts'
import type { AwsClients } from '../awsClients.ts'
import type { Delivery } from '../contract.ts'
import { deadLetterAttributes } from './deadLetterAttributes.ts'

/**
 * Sends a message to a queue. Records have no attributes; dead letters have three; both carry the trace header.
 * Source: recorded facts, no. 131 and 132 (LocalStack snapshot tests, Apache-2.0).
 */
export async function sendToQueue(clients: AwsClients, delivery: Delivery): Promise<void> {
  const { GetQueueUrlCommand, SendMessageCommand } = await import('@aws-sdk/client-sqs')
  const client = await clients.queues()
  const [, , , , accountId] = delivery.targetArn.split(':')
  const { QueueUrl } = await client.send(
    new GetQueueUrlCommand({ QueueName: targetName(delivery.targetArn), QueueOwnerAWSAccountId: accountId }),
  )
  await client.send(
    new SendMessageCommand({
      QueueUrl,
      MessageBody: delivery.body,
      MessageAttributes: deadLetterAttributes(delivery),
      MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: delivery.traceHeader } },
    }),
  )
}
