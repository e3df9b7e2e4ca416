/** What takes the records of asynchronous invocations; each is reached in its own way. */
export type DestinationKind = 'FUNCTION' | 'QUEUE' | 'TOPIC' | 'EVENT_BUS' | 'BUCKET'

const PARTITION = 'arn:aws(?:-[a-z]+)*'
const PLACE = '[a-z]{2}(?:-[a-z]+)+-\\d:\\d{12}'

const PATTERNS: Readonly<Record<DestinationKind, RegExp>> = {
  FUNCTION: new RegExp(
    `^${PARTITION}:lambda:${PLACE}:function:[a-zA-Z0-9-_]{1,64}(?::(?:\\$LATEST|[a-zA-Z0-9-_]{1,128}))?$`,
  ),
  QUEUE: new RegExp(`^${PARTITION}:sqs:${PLACE}:[a-zA-Z0-9_-]{1,80}$`),
  TOPIC: new RegExp(`^${PARTITION}:sns:${PLACE}:[a-zA-Z0-9_-]{1,256}$`),
  EVENT_BUS: new RegExp(`^${PARTITION}:events:${PLACE}:event-bus/[/.\\-_A-Za-z0-9]{1,256}$`),
  BUCKET: new RegExp(`^${PARTITION}:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`),
}

/**
 * What kind of destination an ARN names, or null where it names none. FIFO queues and topics are none, as with AWS.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
export function destinationKind(arn: string): DestinationKind | null {
  const kinds = Object.keys(PATTERNS) as DestinationKind[]
  return kinds.find((kind) => PATTERNS[kind].test(arn)) ?? null
}

/** Whether events whose retries are used up can be sent there: standard queues and topics only. */
export function isDeadLetterTarget(arn: string): boolean {
  const kind = destinationKind(arn)
  return kind === 'QUEUE' || kind === 'TOPIC'
}

/** The name at the end of the ARN of a queue, a topic or a bucket. */
export function targetName(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1)
}
