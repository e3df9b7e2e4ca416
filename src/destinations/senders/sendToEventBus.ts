import type { AwsClients } from '../awsClients.ts'
import type { Delivery } from '../contract.ts'

/** Puts an event on a bus. Source: recorded facts, no. 130 (LocalStack snapshot tests, Apache-2.0). */
export async function sendToEventBus(clients: AwsClients, delivery: Delivery): Promise<void> {
  const { PutEventsCommand } = await import('@aws-sdk/client-eventbridge')
  const client = await clients.eventBuses()
  const { targetArn, sourceArn, purpose, body, traceHeader } = delivery
  const { FailedEntryCount, Entries } = await client.send(
    new PutEventsCommand({
      Entries: [
        {
          EventBusName: targetArn,
          Source: 'lambda',
          DetailType: `Lambda Function Invocation Result - ${purpose === 'ON_SUCCESS' ? 'Success' : 'Failure'}`,
          Detail: body,
          Resources: [targetArn, sourceArn],
          TraceHeader: traceHeader,
        },
      ],
    }),
  )
  if (FailedEntryCount === 0 || FailedEntryCount === undefined) return
  throw new Error(`The event bus refused the event: ${Entries?.[0]?.ErrorCode}: ${Entries?.[0]?.ErrorMessage}`)
}
