import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { InvokeRequest } from '../../../invocations/invoke.ts'
import type { Principal } from '../../../model/records.ts'
import { type InvocationHeaders, invocationHeaders } from './invocationHeaders.ts'
import { readPayload } from './readPayload.ts'

/** A call of an operation that invokes a function, by a caller who is known. */
export interface LambdaCall {
  readonly principal: Principal
  /** A name, partial ARN or ARN. */
  readonly functionName: string
  readonly qualifier: string | null
  readonly headers: IncomingHttpHeaders
  /** Not read yet. */
  readonly body: IncomingMessage
  /** Names the call where no invocation has come of it. */
  readonly requestId: string
}

/** The invocation that a call asks for. `typeNames` as in `invocationHeaders`, whose faults it throws, too. */
export async function invokeRequest(
  { functionName, qualifier, headers, body }: LambdaCall,
  typeNames: readonly string[],
): Promise<InvokeRequest> {
  const asked: InvocationHeaders = invocationHeaders(headers, typeNames)
  return {
    functionName,
    qualifier,
    ...asked,
    payloadText: await readPayload(body),
    isColdStartForced: false,
    idempotencyKey: null,
  }
}
