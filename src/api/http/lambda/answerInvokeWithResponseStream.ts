import type { FastifyReply } from 'fastify'
import type { InvokeAnswer, RanAnswer } from '../../../invocations/invoke.ts'
import type { Log } from '../../../log.ts'
import type { Services } from '../../services.ts'
import { base64 } from './answerInvoke.ts'
import type { InvokeComplete } from './eventStream.ts'
import { invokeRequest, type LambdaCall } from './lambdaCall.ts'
import { ResponseEvents } from './responseEvents.ts'

const TYPE_NAMES = ['RequestResponse', 'DryRun']

/**
 * AWS's InvokeWithResponseStream: what the function writes as PayloadChunk events while it runs, then InvokeComplete, with
 * the error where it has failed; AWS's errors as long as nothing has been written. What a function answers that does not
 * stream is one chunk or a few. https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html
 */
export async function answerInvokeWithResponseStream(
  services: Services,
  call: LambdaCall,
  reply: FastifyReply,
  log: Log,
): Promise<FastifyReply> {
  const request = await invokeRequest(call, TYPE_NAMES)
  let events: ResponseEvents | null = null
  let answer: InvokeAnswer
  try {
    answer = await services.invocations.invoke(call.principal, {
      ...request,
      streamTo: (run) => {
        events = new ResponseEvents(reply, run)
        return events
      },
    })
  } catch (fault) {
    const begun = begunOf(events)
    if (begun === null) throw fault
    log.error(fault, { requestId: call.requestId })
    begun.fail()
    return reply
  }
  if (answer.kind !== 'RAN') return reply.code(204).header('x-amzn-requestid', call.requestId).send()
  const { functionError, payload } = answer
  const response = events ?? new ResponseEvents(reply, answer)
  if (begunOf(events) === null && functionError === null) {
    response.begin()
    response.write(Buffer.from(payload, 'utf8'))
  }
  response.end(completeOf(answer))
  return reply
}

/** Those events whose head has been sent already, or null. */
function begunOf(events: ResponseEvents | null): ResponseEvents | null {
  return events?.hasBegun === true ? events : null
}

function completeOf({ functionError, payload, logTail }: RanAnswer): InvokeComplete {
  return {
    ...(functionError === null ? {} : { ErrorCode: functionError, ErrorDetails: payload }),
    ...(logTail === null ? {} : { LogResult: base64(logTail) }),
  }
}
