import type { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import type { S3Client } from '@aws-sdk/client-s3'
import type { SNSClient } from '@aws-sdk/client-sns'
import type { SQSClient } from '@aws-sdk/client-sqs'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import type { Scope } from '../model/records.ts'
import type { AwsConnection } from './contract.ts'
import { guardedAgents } from './guardedAgents.ts'

/** The clients of an account in a region; each is made when it is first asked for. */
export interface AwsClients {
  queues(): Promise<SQSClient>
  topics(): Promise<SNSClient>
  eventBuses(): Promise<EventBridgeClient>
  buckets(): Promise<S3Client>
  /** The client of another service: made by its name once, with the settings of the account. */
  client<Client>(name: string, make: (settings: object) => Client): Client
}

const CONNECTION_TIMEOUT_MS = 5_000
const REQUEST_TIMEOUT_MS = 20_000
const SOCKETS = 16
/** The outbox tries again, with longer delays than the SDK's. */
const ATTEMPTS = 2

/** Clients for a connection. The SDK is loaded only now: most installations never need it. */
export function createAwsClients({ region }: Scope, connection: AwsConnection): AwsClients {
  const { endpointUrl, accessKeyId, secretAccessKey, sessionToken } = connection
  const settings = {
    region,
    ...(endpointUrl === null ? {} : { endpoint: endpointUrl }),
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === null ? {} : { sessionToken }) },
    maxAttempts: ATTEMPTS,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
      ...guardedAgents(SOCKETS),
    }),
  }
  const others = new Map<string, unknown>()
  return {
    client<Client>(name: string, make: (settings: object) => Client) {
      const found = others.get(name) ?? make({ ...settings, forcePathStyle: endpointUrl !== null })
      others.set(name, found)
      return found as Client
    },
    queues: once(async () => new (await import('@aws-sdk/client-sqs')).SQSClient(settings)),
    topics: once(async () => new (await import('@aws-sdk/client-sns')).SNSClient(settings)),
    eventBuses: once(async () => new (await import('@aws-sdk/client-eventbridge')).EventBridgeClient(settings)),
    // Endpoints that are not AWS have no name for each bucket.
    buckets: once(
      async () =>
        new (await import('@aws-sdk/client-s3')).S3Client({ ...settings, forcePathStyle: endpointUrl !== null }),
    ),
  }
}

function once<Client>(make: () => Promise<Client>): () => Promise<Client> {
  let made: Promise<Client> | null = null
  return () => (made ??= make())
}
