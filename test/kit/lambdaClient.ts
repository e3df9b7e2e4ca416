import { LambdaClient } from '@aws-sdk/client-lambda'

/** AWS's own client, for the service at `url`: the access key id is a token, and the secret is anything. */
export function lambdaClient(url: string, token: string, region = 'us-east-1'): LambdaClient {
  return new LambdaClient({
    endpoint: url,
    region,
    credentials: { accessKeyId: token, secretAccessKey: 'anything' },
    maxAttempts: 1,
  })
}
