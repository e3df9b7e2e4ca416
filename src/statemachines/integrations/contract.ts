import type { Json } from '../data/json.ts'

/** A call of a Task state that is to go to an AWS service, or to an HTTP endpoint. */
export interface ServiceCall {
  /** As the resource says it: `sqs`, `dynamodb`, `aws-sdk:s3`, `http`. */
  readonly service: string
  /** As the resource says it: `sendMessage`, `getItem`, `invoke`. */
  readonly action: string
  readonly parameters: Json
  /** Stands in the answer where the service gives none. */
  readonly requestId: string
}

/** What has become of it, in AWS's words. What the service refuses is an answer too. */
export type ServiceAnswer =
  | { readonly kind: 'SUCCEEDED'; readonly output: Json }
  | { readonly kind: 'FAILED'; readonly error: string; readonly cause: string }
