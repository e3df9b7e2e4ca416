import type { DeliveryPurpose } from '../invocations/journalEntry.ts'
import type { DestinationKind } from '../model/destinationArn.ts'
import type { Scope } from '../model/records.ts'

/** What is sent to a destination or a dead-letter queue, whatever carries it. */
export interface Delivery {
  readonly id: string
  readonly scope: Scope
  /** Request id of the invocation that it tells of. */
  readonly requestId: string
  readonly functionName: string
  readonly purpose: DeliveryPurpose
  readonly targetArn: string
  /** ARN of the function that it comes from, with its qualifier. */
  readonly sourceArn: string
  /** JSON text: a destination record, or, of a dead letter, the original event. */
  readonly body: string
  /** Of dead letters; otherwise null. */
  readonly errorMessage: string | null
  readonly traceHeader: string
  readonly createdAtMs: number
}

/**
 * Brings a delivery to its target. Resolves when the target has taken it; rejects with an Error whose message says what
 * the target or the network said. The same delivery may come twice, after a crash between the two.
 */
export type Send = (delivery: Delivery) => Promise<void>

/** One way for each kind of target outside. Functions are reached through the queue of invocations. */
export type Senders = Readonly<Record<Exclude<DestinationKind, 'FUNCTION'>, Send>>

/** Where an account's queues, topics, buses and buckets are. */
export interface AwsEndpointRecord {
  readonly scope: Scope
  /** Null: AWS itself. */
  readonly endpointUrl: string | null
  readonly accessKeyId: string
  readonly lastModified: Date
}

/** An endpoint with what proves who calls it. */
export interface AwsConnection {
  readonly endpointUrl: string | null
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string | null
  /** Changes whenever anything of it does. */
  readonly revision: string
}
