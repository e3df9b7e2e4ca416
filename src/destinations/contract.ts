import type { Scope } from '../model/records.ts'

/** How the asynchronous invocations of a function are tried, and where their records go. AWS's defaults are filled in. */
export interface EventInvokePolicy {
  /** 0 to 2. */
  readonly maximumRetryAttempts: number
  /** 60 s to 6 h. */
  readonly maximumEventAgeMs: number
  /** ARN of the destination of successful invocations, or null. */
  readonly onSuccessArn: string | null
  /** ARN of the destination of failed ones, or null. */
  readonly onFailureArn: string | null
  /** ARN of the dead-letter queue or topic of the version that ran, or null. */
  readonly deadLetterTargetArn: string | null
}

/** What is sent to a destination or a dead-letter queue, whatever carries it. */
export interface Delivery {
  readonly scope: Scope
  /** Of an SQS queue, an SNS topic, an event bus or an S3 bucket; functions are reached through the queue, not so. */
  readonly targetArn: string
  /** JSON text: a destination record, or, in a dead-letter queue, the original event. */
  readonly body: string
  /** Message attributes of a dead letter; empty for destination records. */
  readonly attributes: readonly MessageAttribute[]
  /** What an event bus needs beside the record; null for all else. */
  readonly eventBus: { readonly detailType: string; readonly resources: readonly string[] } | null
  /** Value of the system attribute AWSTraceHeader of SQS messages. */
  readonly traceHeader: string
  /** Object key; null for all but buckets. */
  readonly objectKey: string | null
}

/** A typed attribute of an SQS or SNS message. */
export interface MessageAttribute {
  readonly name: string
  readonly type: 'String' | 'Number'
  readonly value: string
}

/** Sends deliveries to what is outside the installation. */
export interface DeliverySender {
  /** Resolves when the target has taken it. Rejects with a DeliveryFault. */
  send(delivery: Delivery): Promise<void>
}

/** A target did not take a delivery. */
export interface DeliveryFaultDetails {
  /** What the target or the network said, with what to do. */
  readonly message: string
  /** False where trying again cannot help, for example where the target does not exist. */
  readonly isRetryable: boolean
}
