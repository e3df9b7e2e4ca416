import type { NormalizedSchema } from '@smithy/core/schema'
import { errorCode } from '../../db/errorCode.ts'
import type { AwsClients } from '../../destinations/awsClients.ts'
import type { AwsService } from './awsServices.ts'

/** An action of a service, as its SDK calls it. */
export interface SdkCall {
  /** The model of the parameters and of the answer; null where the action has none. */
  readonly request: NormalizedSchema | null
  readonly answer: NormalizedSchema | null
  send(input: object, signal: AbortSignal): Promise<SdkAnswer>
}

export interface SdkAnswer {
  readonly output: { readonly [member: string]: unknown }
  readonly statusCode: number
  readonly requestId: string | null
  readonly headers: { readonly [name: string]: string }
}

/** Why an action cannot be called from here. */
export class NoSdkCall extends Error {}

type Send = (given: object) => Promise<{ readonly response: unknown }>

interface Command {
  /** What the SDK calls a StaticOperationSchema: a tuple whose last two are the models of request and answer. */
  readonly schema?: readonly unknown[]
  readonly middlewareStack: { add(middleware: (next: Send) => Send, options: object): void }
}

interface SdkModule {
  readonly [name: string]: new (
    argument: object,
  ) => Command & {
    send(
      command: Command,
      options: { abortSignal: AbortSignal },
    ): Promise<{ $metadata: { httpStatusCode?: number; requestId?: string } }>
  }
}

const REQUEST = 4
const ANSWER = 5

/** Finds an action of a service. Throws NoSdkCall, which says what is missing. */
export async function findSdkCall(clients: AwsClients, service: AwsService, action: string): Promise<SdkCall> {
  const { packageName, clientName } = service
  // Services of which most installations call none: they are loaded when they are.
  const { NormalizedSchema: schemas } = await import('@smithy/core/schema')
  const sdk = await load(packageName)
  const Action = sdk[`${action[0]!.toUpperCase()}${action.slice(1)}Command`]
  const Client = sdk[`${clientName}Client`]
  if (Action === undefined || Client === undefined) {
    throw new NoSdkCall(`The service ${clientName} has no action ${action}.`)
  }
  const model = new Action({}).schema
  const structure = (at: number) => {
    const found = model === undefined ? null : schemas.of(model[at] as Parameters<typeof schemas.of>[0])
    return found?.isStructSchema() ? found : null
  }
  const client = clients.client(packageName, (settings) => new Client(settings))
  return {
    request: structure(REQUEST),
    answer: structure(ANSWER),
    async send(input, abortSignal) {
      const command = new Action(input)
      let headers: SdkAnswer['headers'] = {}
      const seeHeaders = (next: Send) => async (given: object) => {
        const result = await next(given)
        headers = (result.response as { headers?: SdkAnswer['headers'] }).headers ?? {}
        return result
      }
      command.middlewareStack.add(seeHeaders, { step: 'deserialize', name: 'seeHeaders', override: true })
      const { $metadata: metadata, ...output } = await client.send(command, { abortSignal })
      return { output, statusCode: metadata.httpStatusCode ?? 200, requestId: metadata.requestId ?? null, headers }
    },
  }
}

async function load(packageName: string): Promise<SdkModule> {
  try {
    return (await import(packageName)) as SdkModule
  } catch (error) {
    if (errorCode(error) !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new NoSdkCall(`The SDK of the service is not installed. Please run: npm install ${packageName}`)
  }
}
