import { errorCode } from '../../db/errorCode.ts'
import type { AwsClients } from '../../destinations/awsClients.ts'
import { isObject, type Json } from '../data/json.ts'
import { type AwsService, findAwsService } from './awsServices.ts'
import type { ServiceAnswer, ServiceCall } from './contract.ts'
import { plainJson } from './plainJson.ts'

const SDK = 'aws-sdk:'

/**
 * Calls a service by the AWS SDK, as the account's endpoint says. Optimised integrations and `aws-sdk:` ones take the
 * same parameters; the former tell of the call, and both word their errors as AWS does.
 * https://docs.aws.amazon.com/step-functions/latest/dg/integrate-services.html
 */
export async function callAwsService(
  clients: AwsClients,
  { service: name, action, parameters, requestId }: ServiceCall,
  signal: AbortSignal,
): Promise<ServiceAnswer> {
  const isSdk = name.startsWith(SDK)
  const service = findAwsService(isSdk ? name.slice(SDK.length) : name)
  if (service === null || (!isSdk && service.optimised === null)) {
    return failed('States.Runtime', `The service ${name} cannot be called from here.`)
  }
  const call = await loadCall(clients, service, action)
  if ('kind' in call) return call
  try {
    const input = withTexts(parameters, service.textMembers)
    const { $metadata: metadata, ...output } = await call(input as object, signal)
    const plain = await plainJson(output)
    if (isSdk || !isObject(plain)) return { kind: 'SUCCEEDED', output: plain }
    return {
      kind: 'SUCCEEDED',
      output: {
        ...plain,
        SdkHttpMetadata: { HttpStatusCode: metadata.httpStatusCode ?? 200 },
        SdkResponseMetadata: { RequestId: metadata.requestId ?? requestId },
      },
    }
  } catch (error) {
    return refusal(service, isSdk, error, requestId)
  }
}

interface Metadata {
  readonly httpStatusCode?: number
  readonly requestId?: string
}
type Call = (
  input: object,
  signal: AbortSignal,
) => Promise<{ readonly $metadata: Metadata; readonly [member: string]: unknown }>

interface SdkModule {
  readonly [name: string]: new (
    argument: object,
  ) => {
    send(command: object, options: { abortSignal: AbortSignal }): ReturnType<Call>
  }
}

async function loadCall(clients: AwsClients, service: AwsService, action: string): Promise<Call | ServiceAnswer> {
  const { packageName, clientName } = service
  let sdk: SdkModule
  try {
    // Services of which most installations call none: they are loaded when they are.
    sdk = (await import(packageName)) as SdkModule
  } catch (error) {
    if (errorCode(error) !== 'ERR_MODULE_NOT_FOUND') throw error
    const cause = `The SDK of the service is not installed. Please run: npm install ${packageName}`
    return failed('States.Runtime', cause)
  }
  const Command = sdk[`${action[0]!.toUpperCase()}${action.slice(1)}Command`]
  const Client = sdk[`${clientName}Client`]
  if (Command === undefined || Client === undefined) {
    return failed('States.Runtime', `The service ${clientName} has no action ${action}.`)
  }
  const client = clients.client(packageName, (settings) => new Client(settings))
  return (input, abortSignal) => client.send(new Command(input), { abortSignal })
}

/** Texts of which people give the JSON that they are to hold, at any depth. */
function withTexts(value: Json, textMembers: readonly string[]): Json {
  if (Array.isArray(value)) return value.map((item) => withTexts(item, textMembers))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      textMembers.includes(name) && typeof member !== 'string'
        ? JSON.stringify(member)
        : withTexts(member, textMembers),
    ]),
  )
}

function refusal(
  { sdkPrefix, optimised }: AwsService,
  isSdk: boolean,
  error: unknown,
  requestId: string,
): ServiceAnswer {
  const { name = 'Error', message = '', $metadata: metadata = {} } = error as Partial<Error> & { $metadata?: Metadata }
  const status = metadata.httpStatusCode
  if (status === undefined) {
    // It was not the service that refused: it could not be reached.
    const prefix = isSdk || optimised === null ? sdkPrefix : optimised.prefix
    return failed(`${prefix}.SdkClientException`, `Unable to execute HTTP request: ${message}`)
  }
  const id = metadata.requestId ?? requestId
  const exception = exceptionName(name)
  if (isSdk || optimised === null) {
    const known = exception ?? `${sdkPrefix}Exception`
    return failed(
      `${sdkPrefix}.${known}`,
      `${message} (Service: ${sdkPrefix}, Status Code: ${status}, Request ID: ${id})`,
    )
  }
  const { prefix, serviceName, fallback } = optimised
  const cause = `${message} (Service: ${serviceName}; Status Code: ${status}; Error Code: ${name}; Request ID: ${id}; Proxy: null)`
  return failed(`${prefix}.${exception ?? fallback}`, cause)
}

/** As the SDK for Java names it: with `Exception` at its end. Null for what is only a code of the protocol. */
function exceptionName(name: string): string | null {
  const plain = name.split('.').at(-1)!
  if (!/^[A-Z]\w+$/.test(plain)) return null
  return plain.endsWith('Exception') ? plain : `${plain}Exception`
}

function failed(error: string, cause: string): ServiceAnswer {
  return { kind: 'FAILED', error, cause }
}
