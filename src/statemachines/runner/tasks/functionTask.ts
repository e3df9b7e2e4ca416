import { ThrottleFault, UserFault } from '../../../errors.ts'
import { accept, type InvokeServices, type Order, type RanAnswer, runUnrecorded } from '../../../invocations/invoke.ts'
import type { Scope } from '../../../model/records.ts'
import { isObject, type Json, type JsonObject, memberOf } from '../../data/json.ts'
import { DEEPEST_NESTING, isTooDeep } from '../../data/nesting.ts'
import type { TaskEnd } from '../runningExecution.ts'
import { failed, type TaskOf, type TaskPerformer } from './taskPerformer.ts'

/** A Task whose resource is a function's ARN: its result is the function's, as it is. */
export function createFunctionTask(services: InvokeServices): TaskPerformer<'FUNCTION'> {
  return async ({ scope }, { taskId, order, requestId, begun }) => {
    const answer = await runFunction(services, scope, {
      reference: order.functionArn,
      qualifier: null,
      payload: JSON.stringify(order.input),
      clientContext: null,
      requestId,
      begun,
    })
    const { invocation } = answer
    if (answer.kind === 'FAILED') return { stimulus: failed(taskId, answer.error, answer.cause), invocation }
    return { stimulus: { kind: 'TASK_SUCCEEDED', taskId, output: JSON.parse(answer.payload) as Json }, invocation }
  }
}

/**
 * `lambda:invoke`: its result tells about the call, as the AWS SDK does.
 * https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
 */
export async function invokeService(services: InvokeServices, scope: Scope, task: TaskOf<'SERVICE'>): Promise<TaskEnd> {
  const { taskId, order, requestId, begun } = task
  const parameters = isObject(order.parameters) ? order.parameters : {}
  const call: FunctionCall = {
    reference: textOf(parameters, 'FunctionName') ?? '',
    qualifier: textOf(parameters, 'Qualifier'),
    payload: payloadTextOf(memberOf(parameters, 'Payload')),
    clientContext: textOf(parameters, 'ClientContext'),
    requestId,
    begun,
  }
  const isEvent = textOf(parameters, 'InvocationType') === 'Event'
  const answer = isEvent ? await sendEvent(services, scope, call) : await runFunction(services, scope, call)
  const { invocation } = answer
  if (answer.kind === 'FAILED') return { stimulus: failed(taskId, answer.error, answer.cause), invocation }
  const output = describeCall(
    answer.payload,
    answer.version,
    isEvent ? 202 : 200,
    answer.requestId,
    services.clock.now(),
  )
  // Whoever has the token says how it ends.
  const kind = order.pattern === 'WAIT_FOR_TASK_TOKEN' ? 'TASK_SUBMITTED' : 'TASK_SUCCEEDED'
  return { stimulus: { kind, taskId, output }, invocation }
}

interface FunctionCall {
  readonly reference: string
  readonly qualifier: string | null
  /** JSON text. */
  readonly payload: string
  /** Base64 of JSON text, or null. */
  readonly clientContext: string | null
  readonly requestId: string
  /** The call waits for it once it knows what to run. */
  readonly begun: Promise<void>
}

type Outcome =
  | { readonly kind: 'RAN'; readonly payload: string; readonly version: string; readonly requestId: string }
  | { readonly kind: 'FAILED'; readonly error: string; readonly cause: string }

/** An outcome, with the rows of the function that ran. */
type Answer = Outcome & Pick<TaskEnd, 'invocation'>

/** Runs a function and answers before that is durable: the execution writes its rows with what comes of them. */
async function runFunction(services: InvokeServices, scope: Scope, call: FunctionCall): Promise<Answer> {
  return refusedAsFailure(scope, call, async () => {
    const order = await orderOf(services, scope, call)
    await call.begun
    const { answer, rows } = await runUnrecorded(services, order, call.requestId)
    return { ...outcomeOf(answer), invocation: rows }
  })
}

function outcomeOf({ payload, functionError, versionNumber, requestId }: RanAnswer): Outcome {
  if (isTooDeep(payload)) {
    const cause = `The function's result is nested more than ${DEEPEST_NESTING} deep.`
    return { kind: 'FAILED', error: 'Lambda.Unknown', cause }
  }
  if (functionError !== null) return { kind: 'FAILED', error: errorTypeOf(payload), cause: payload }
  return { kind: 'RAN', payload, version: versionName(versionNumber), requestId }
}

async function sendEvent(services: InvokeServices, scope: Scope, call: FunctionCall): Promise<Answer> {
  return refusedAsFailure(scope, call, async () => {
    const order = await orderOf(services, scope, call)
    await call.begun
    const answer = await accept(services, order)
    const requestId = answer.kind === 'ACCEPTED' ? answer.requestId : call.requestId
    const version = versionName(order.version.spec.versionNumber)
    return { kind: 'RAN', payload: '""', version, requestId, invocation: null }
  })
}

async function orderOf(services: InvokeServices, scope: Scope, call: FunctionCall): Promise<Order> {
  const version = await services.resolver.resolve(scope, call.reference, call.qualifier, services.random())
  const clientContext = call.clientContext === null ? null : Buffer.from(call.clientContext, 'base64').toString()
  return { scope, version, payload: call.payload, clientContext, traceHeader: null }
}

/** A payload that is a text which holds JSON is sent as it is, as recorded on AWS. */
function payloadTextOf(payload: Json | undefined): string {
  if (typeof payload !== 'string') return JSON.stringify(payload ?? {})
  try {
    JSON.parse(payload)
    return payload
  } catch {
    return JSON.stringify(payload)
  }
}

/** What a call is refused with is an error of the task, named as the AWS SDK for Java names it. */
async function refusedAsFailure(scope: Scope, call: FunctionCall, act: () => Promise<Answer>): Promise<Answer> {
  try {
    return await act()
  } catch (fault) {
    if (!(fault instanceof UserFault)) throw fault
    const [exception, statusCode] = exceptionOf(fault)
    const message = fault.code === 'RESOURCE_NOT_FOUND' ? notFound(scope, call) : fault.message
    return {
      kind: 'FAILED',
      error: `Lambda.${exception}`,
      cause: `${message} (Service: AWSLambda; Status Code: ${statusCode}; Error Code: ${exception}; Request ID: ${call.requestId}; Proxy: null)`,
      invocation: null,
    }
  }
}

function exceptionOf(fault: UserFault): [exception: string, statusCode: number] {
  if (fault instanceof ThrottleFault) return ['TooManyRequestsException', 429]
  return fault.code === 'RESOURCE_NOT_FOUND'
    ? ['ResourceNotFoundException', 404]
    : ['InvalidParameterValueException', 400]
}

function notFound({ region, accountId }: Scope, { reference, qualifier }: FunctionCall): string {
  const arn = reference.startsWith('arn:') ? reference : `arn:aws:lambda:${region}:${accountId}:function:${reference}`
  return `Function not found: ${arn}:${qualifier ?? '$LATEST'}`
}

function errorTypeOf(payload: string): string {
  const error = JSON.parse(payload) as Json
  const type = isObject(error) ? memberOf(error, 'errorType') : undefined
  return typeof type === 'string' && type !== '' ? type : 'Lambda.Unknown'
}

function versionName(number: number): string {
  return number === 0 ? '$LATEST' : String(number)
}

function textOf(parameters: JsonObject, name: string): string | null {
  const value = memberOf(parameters, name)
  return typeof value === 'string' ? value : null
}

function describeCall(payload: string, version: string, statusCode: number, requestId: string, nowMs: number): Json {
  const headers = {
    Connection: 'keep-alive',
    'Content-Length': String(Buffer.byteLength(payload)),
    'Content-Type': 'application/json',
    Date: new Date(nowMs).toUTCString(),
    'X-Amz-Executed-Version': version,
    'X-Amzn-Trace-Id': `root=1-${Math.floor(nowMs / 1000).toString(16)}-${requestId.replaceAll('-', '').slice(0, 24)};sampled=0`,
    'x-amzn-Remapped-Content-Length': '0',
    'x-amzn-RequestId': requestId,
  }
  return {
    ExecutedVersion: version,
    Payload: JSON.parse(payload) as Json,
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      HttpHeaders: headers,
      HttpStatusCode: statusCode,
    },
    SdkResponseMetadata: { RequestId: requestId },
    StatusCode: statusCode,
  }
}
