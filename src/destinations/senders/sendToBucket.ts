import { targetName } from '../../model/destinationArn.ts'
import type { AwsClients } from '../awsClients.ts'
import type { Delivery } from '../contract.ts'

/** Puts the record into a bucket; the key is the same for every try, so that a second one makes no second object. */
export async function sendToBucket(clients: AwsClients, delivery: Delivery): Promise<void> {
  const { PutObjectCommand } = await import('@aws-sdk/client-s3')
  const client = await clients.buckets()
  await client.send(
    new PutObjectCommand({
      Bucket: targetName(delivery.targetArn),
      Key: recordKey(delivery),
      Body: delivery.body,
      ContentType: 'application/json',
    }),
  )
}

/**
 * `aws/lambda/async/<function>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<uuid>`, by the time of the record.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
export function recordKey({ functionName, createdAtMs, id }: Delivery): string {
  const [date, time] = new Date(createdAtMs).toISOString().slice(0, 19).split('T') as [string, string]
  return `aws/lambda/async/${functionName}/${date.replaceAll('-', '/')}/${date}T${time.replaceAll(':', '.')}-${id}`
}
