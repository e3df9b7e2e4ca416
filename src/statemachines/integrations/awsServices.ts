/** An AWS service as Task states and its SDK name it. */
export interface AwsService {
  /** Of the npm package `@aws-sdk/client-...`. */
  readonly packageName: string
  /** Name of the client's class, without `Client`. */
  readonly clientName: string
  /** How errors of `aws-sdk:` integrations begin. */
  readonly sdkPrefix: string
  /** How errors of the optimised integration begin, and how their causes name the service; null where there is none. */
  readonly optimised: { readonly prefix: string; readonly serviceName: string; readonly fallback: string } | null
  /** Members that take a text, where people give the object that it is to hold. */
  readonly textMembers: readonly string[]
  /** Whether parameters hold bytes in base64, as answers do. */
  readonly hasBase64: boolean
}

const service = (
  packageName: string,
  clientName: string,
  sdkPrefix: string,
  optimised: AwsService['optimised'] = null,
  textMembers: readonly string[] = [],
  hasBase64 = false,
): AwsService => ({ packageName, clientName, sdkPrefix, optimised, textMembers, hasBase64 })

/**
 * The services that can be called, by the names that resources have for them. A package that is not installed is named
 * by the error of who calls it.
 * https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
 */
export const AWS_SERVICES: Readonly<Record<string, AwsService>> = {
  sqs: service(
    '@aws-sdk/client-sqs',
    'SQS',
    'Sqs',
    { prefix: 'SQS', serviceName: 'AmazonSQS', fallback: 'AmazonSQSException' },
    ['MessageBody'],
  ),
  sns: service(
    '@aws-sdk/client-sns',
    'SNS',
    'Sns',
    { prefix: 'SNS', serviceName: 'AmazonSNS', fallback: 'AmazonSNSException' },
    ['Message'],
  ),
  dynamodb: service(
    '@aws-sdk/client-dynamodb',
    'DynamoDB',
    'DynamoDb',
    { prefix: 'DynamoDB', serviceName: 'AmazonDynamoDBv2', fallback: 'AmazonDynamoDBException' },
    [],
    true,
  ),
  eventbridge: service(
    '@aws-sdk/client-eventbridge',
    'EventBridge',
    'EventBridge',
    { prefix: 'EventBridge', serviceName: 'AmazonCloudWatchEvents', fallback: 'AmazonCloudWatchEventsException' },
    ['Detail'],
  ),
  s3: service('@aws-sdk/client-s3', 'S3', 'S3'),
  lambda: service('@aws-sdk/client-lambda', 'Lambda', 'Lambda'),
  sfn: service('@aws-sdk/client-sfn', 'SFN', 'Sfn'),
  secretsmanager: service('@aws-sdk/client-secrets-manager', 'SecretsManager', 'SecretsManager'),
  ssm: service('@aws-sdk/client-ssm', 'SSM', 'Ssm'),
  ses: service('@aws-sdk/client-ses', 'SES', 'Ses'),
  sesv2: service('@aws-sdk/client-sesv2', 'SESv2', 'SesV2'),
  kinesis: service('@aws-sdk/client-kinesis', 'Kinesis', 'Kinesis'),
  kms: service('@aws-sdk/client-kms', 'KMS', 'Kms'),
  sts: service('@aws-sdk/client-sts', 'STS', 'Sts'),
  cloudwatch: service('@aws-sdk/client-cloudwatch', 'CloudWatch', 'CloudWatch'),
  cloudwatchlogs: service('@aws-sdk/client-cloudwatch-logs', 'CloudWatchLogs', 'CloudWatchLogs'),
  ec2: service('@aws-sdk/client-ec2', 'EC2', 'Ec2'),
  ecs: service('@aws-sdk/client-ecs', 'ECS', 'Ecs'),
  bedrockruntime: service('@aws-sdk/client-bedrock-runtime', 'BedrockRuntime', 'BedrockRuntime'),
}

/** The optimised integration of EventBridge goes by its old name. */
const OTHER_NAMES: Readonly<Record<string, string>> = { events: 'eventbridge' }

export function findAwsService(name: string): AwsService | null {
  const known = OTHER_NAMES[name] ?? name
  return Object.hasOwn(AWS_SERVICES, known) ? AWS_SERVICES[known]! : null
}
