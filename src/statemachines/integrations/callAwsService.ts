import type { AwsClients } from '../../destinations/awsClients.ts'
import { isObject, type Json, memberOf } from '../data/json.ts'
import { type AwsService, findAwsService } from './awsServices.ts'
import type { ServiceAnswer, ServiceCall } from './contract.ts'
import { httpMetadata } from './httpMetadata.ts'
import { plainJson } from './plainJson.ts'
import { shapeRequest } from './requestShape.ts'
import { findSdkCall, NoSdkCall, type SdkAnswer, type SdkCall } from './sdkCall.ts'

const SDK = 'aws-sdk:'
/** Of parameters that a cause quotes: a cause has up to 32,768 characters. */
const LONGEST_PARAMETERS = 30_000

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
  let call: SdkCall
  try {
    call = await findSdkCall(clients, service, action)
  } catch (error) {
    if (error instanceof NoSdkCall) return failed('States.Runtime', error.message)
    throw error
  }
  const shaped =
    call.request === null
      ? { input: isObject(parameters) ? parameters : {} }
      : shapeRequest(call.request, parameters, service)
  if ('problems' in shaped) return unusable(parameters, shaped.problems)
  try {
    return await answered(await call.send(shaped.input, signal), call, isSdk, requestId)
  } catch (error) {
    const missing = missingMember(error)
    if (missing !== null) return unusable(parameters, [`The field "${missing}" is required but was missing`])
    return refusal(service, isSdk, error, requestId)
  }
}

async function answered(answer: SdkAnswer, call: SdkCall, isSdk: boolean, requestId: string): Promise<ServiceAnswer> {
  const output = await plainJson(answer.output, call.answer)
  if (isSdk || !isObject(output)) return { kind: 'SUCCEEDED', output }
  // Of all optimised integrations only EventBridge's has it, and fails by it.
  // https://docs.aws.amazon.com/step-functions/latest/dg/connect-eventbridge.html
  if (Number(memberOf(output, 'FailedEntryCount') ?? 0) > 0) {
    return failed('EventBridge.FailedEntry', JSON.stringify(output))
  }
  return {
    kind: 'SUCCEEDED',
    output: {
      ...output,
      SdkHttpMetadata: httpMetadata(answer.statusCode, answer.headers),
      SdkResponseMetadata: { RequestId: answer.requestId ?? requestId },
    },
  }
}

/** The task has not begun: the service has no such request. */
function unusable(parameters: Json, problems: readonly string[]): ServiceAnswer {
  const text = JSON.stringify(parameters).slice(0, LONGEST_PARAMETERS)
  return failed(
    'States.Runtime',
    `The Parameters '${text}' could not be used to start the Task: [${problems.join(', ')}]`,
  )
}

/** The SDK needs some members to know where to send a request to: it has sent none. */
function missingMember(error: unknown): string | null {
  return /^(?:No|Empty) value provided for input HTTP label: (\w+)/.exec((error as Error).message ?? '')?.[1] ?? null
}

function refusal(
  { sdkPrefix, optimised }: AwsService,
  isSdk: boolean,
  error: unknown,
  requestId: string,
): ServiceAnswer {
  const {
    name = 'Error',
    message = '',
    $metadata: metadata = {},
  } = error as Partial<Error> & {
    $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string }
  }
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
