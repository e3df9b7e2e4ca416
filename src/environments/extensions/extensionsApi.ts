import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ExtensionEventName, refusedExtensionText } from '../../model/extensionState.ts'
import { readBody } from '../runtimeApi/answerBody.ts'
import { sendJson } from '../runtimeApi/sendJson.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import { readTelemetrySubscription, type TelemetrySubscription } from '../telemetry/telemetrySubscription.ts'
import { EXTENSION_COUNT, type Extension, type ExtensionRegistry } from './extensionRegistry.ts'

/** What extensions are told of their function. */
export interface ExtensionMetadata {
  readonly functionName: string
  readonly functionVersion: string
  readonly handler: string
  readonly accountId: string
}

/** The longest name that a file can have. */
const NAME_LENGTH = 255
/** As much of a type as the log shows. */
const ERROR_TYPE_LENGTH = 255
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/**
 * AWS's Extensions API (version 2020-01-01) for one environment: requests of extensions become steps of the registry,
 * and every wrong one has AWS's status and words; and its Telemetry API (2022-07-01). The Logs API that came before that
 * is answered as where there is none: 202.
 */
export class ExtensionsApi {
  readonly #registry: ExtensionRegistry
  readonly #metadata: ExtensionMetadata
  readonly #telemetry: Telemetry | null

  constructor(registry: ExtensionRegistry, metadata: ExtensionMetadata, telemetry: Telemetry | null) {
    this.#registry = registry
    this.#metadata = metadata
    this.#telemetry = telemetry
  }

  /** Whether the request is one of this API; if so, it is answered in time. */
  serve(request: IncomingMessage, response: ServerResponse): boolean {
    const path = (request.url ?? '').replace(/\?.*$/, '').replace(/(?<=telemetry)\/$/, '')
    switch (`${request.method} ${path}`) {
      case 'POST /2020-01-01/extension/register':
        void this.#register(request, response)
        return true
      case 'GET /2020-01-01/extension/event/next':
        this.#next(request, response)
        return true
      case 'POST /2020-01-01/extension/init/error':
        this.#error('INIT_ERROR', request, response)
        return true
      case 'POST /2020-01-01/extension/exit/error':
        this.#error('EXIT_ERROR', request, response)
        return true
      case 'PUT /2022-07-01/telemetry':
        void this.#subscribe(request, response)
        return true
      case 'PUT /2020-08-15/logs':
        request.resume()
        refuse(response, 'Logs.NotSupported', 'Logs API is not supported', 202)
        return true
      default:
        return false
    }
  }

  async #register(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = header(request, 'lambda-extension-name')
    const body = await readBody(request)
    if (name === '') return refuse(response, 'Extension.InvalidExtensionName', 'Empty extension name')
    if (name.length > NAME_LENGTH) return refuse(response, 'Extension.InvalidExtensionName', 'The name is too long')
    const events = body.kind === 'READ' ? subscribedEvents(body.bytes) : null
    if (events === null) return refuse(response, 'InvalidRequestFormat', 'The body is no list of events in JSON')
    const external = this.#registry.externalByName(name)
    const unknown = events.find((event) => event !== 'INVOKE' && (event !== 'SHUTDOWN' || external === null))
    if (unknown !== undefined) {
      const reason = unknown === 'SHUTDOWN' ? 'ShutdownEventNotSupportedForInternalExtension' : 'InvalidEventType'
      return refuse(response, 'Extension.InvalidEventType', `${unknown}: ${reason}`)
    }
    const extension = external ?? this.#internal(name, response)
    if (extension === null) return
    extension.events = [...new Set(events)] as ExtensionEventName[]
    if (!this.#registry.move(extension, { kind: 'REGISTER' })) {
      return refuse(
        response,
        'Extension.InvalidExtensionState',
        refusedExtensionText(extension.state, 'REGISTER', name),
      )
    }
    const { accountId, ...metadata } = this.#metadata
    const features = header(request, 'lambda-extension-accept-feature').split(',')
    const answer = features.some((feature) => feature.trim() === 'accountId') ? { ...metadata, accountId } : metadata
    sendJson(response, 200, answer, { 'Lambda-Extension-Identifier': extension.id })
  }

  /** A new extension within the runtime's process, or null where it was refused. */
  #internal(name: string, response: ServerResponse): Extension | null {
    if (this.#registry.isClosed) {
      refuse(response, 'Extension.RegistrationClosed', 'Extension registration closed already')
      return null
    }
    if (this.#registry.all.some((extension) => extension.name === name)) {
      refuse(response, 'Extension.InvalidExtensionState', 'Extension with this name already registered')
      return null
    }
    const extension = this.#registry.addInternal(name)
    if (extension === null) {
      refuse(response, 'Extension.TooManyExtensions', `Extension limit (${EXTENSION_COUNT}) reached`)
    }
    return extension
  }

  #next(request: IncomingMessage, response: ServerResponse): void {
    request.resume()
    const extension = this.#known(request, response)
    if (extension === null) return
    const before = extension.state
    // Before the step, which may have others act: they find the extension waiting already.
    const replaced = extension.waiting
    extension.waiting = response
    if (!this.#registry.move(extension, { kind: 'NEXT' })) {
      extension.waiting = replaced
      refuse(response, 'Extension.InvalidExtensionState', refusedExtensionText(before, 'NEXT', extension.id))
      return
    }
    replaced?.destroy()
    response.once('close', () => {
      if (extension.waiting === response) extension.waiting = null
    })
    this.#registry.answer(extension)
  }

  #error(kind: 'INIT_ERROR' | 'EXIT_ERROR', request: IncomingMessage, response: ServerResponse): void {
    request.resume()
    const extension = this.#known(request, response)
    if (extension === null) return
    const errorType = header(request, 'lambda-extension-function-error-type').slice(0, ERROR_TYPE_LENGTH)
    const before = extension.state
    if (errorType === '') {
      refuse(response, 'Extension.MissingHeader', 'Lambda-Extension-Function-Error-Type not found')
    } else if (this.#registry.move(extension, { kind, errorType })) sendJson(response, 202, { status: 'OK' })
    else refuse(response, 'Extension.InvalidExtensionState', refusedExtensionText(before, kind, extension.id))
  }

  async #subscribe(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const extension = this.#known(request, response)
    const body = await readBody(request)
    if (extension === null) return
    if (this.#telemetry === null) {
      return refuse(response, 'Telemetry.NotSupported', 'Telemetry API is not supported', 202)
    }
    const subscription = subscriptionOf(body.kind === 'READ' ? body.bytes : Buffer.alloc(0))
    if (typeof subscription === 'string') return refuse(response, 'ValidationError', subscription, 400)
    const answer = await this.#telemetry.subscribe(extension.name, subscription)
    switch (answer.kind) {
      case 'OK':
        return sendJson(response, 200, 'OK')
      case 'INVALID_DESTINATION':
        return refuse(response, 'ValidationError', `Invalid destination: ${answer.reason}`, 400)
      case 'CLOSED':
        return refuse(response, 'Telemetry.SubscriptionClosed', 'Telemetry API subscription is closed')
    }
  }

  /** The extension that asks, or null where it was refused. */
  #known(request: IncomingMessage, response: ServerResponse): Extension | null {
    const id = header(request, 'lambda-extension-identifier')
    const extension = this.#registry.byId(id.toLowerCase())
    if (extension !== null) return extension
    if (id === '') {
      refuse(response, 'Extension.MissingExtensionIdentifier', 'Missing Lambda-Extension-Identifier header')
    } else if (!UUID.test(id)) {
      refuse(response, 'Extension.InvalidExtensionIdentifier', 'Invalid Lambda-Extension-Identifier')
    } else refuse(response, 'Extension.UnknownExtensionIdentifier', `Unknown extension ${id}`)
    return null
  }
}

/** The events of a registration; null for what is none. A body without events subscribes to none. */
function subscribedEvents(bytes: Buffer): string[] | null {
  try {
    const body = JSON.parse(bytes.toString('utf8')) as { events?: unknown } | null
    const events = body?.events ?? []
    return Array.isArray(events) && events.every((event) => typeof event === 'string') ? events : null
  } catch {
    return null
  }
}

/** What is asked for, or what is wrong with it. */
function subscriptionOf(bytes: Buffer): TelemetrySubscription | string {
  try {
    return readTelemetrySubscription(bytes)
  } catch (error) {
    return (error as RangeError).message
  }
}

function header({ headers }: IncomingMessage, name: string): string {
  const value = headers[name]
  return typeof value === 'string' ? value : (value?.[0] ?? '')
}

function refuse(response: ServerResponse, errorType: string, errorMessage: string, status = 403): void {
  sendJson(response, status, { errorMessage, errorType })
}
