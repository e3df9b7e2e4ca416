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
  const events = new ResponseEvents(reply)
  let answer: InvokeAnswer
  try {
    answer = await services.invocations.invoke(call.principal, { ...request, streamTo: (run) => events.of(run) })
  } catch (fault) {
    if (!events.hasBegun) throw fault
    log.error(fault, { requestId: call.requestId })
    events.fail()
    return reply
  }
  if (answer.kind !== 'RAN') return reply.code(204).header('x-amzn-requestid', call.requestId).send()
  if (!events.hasBegun) {
    events.of(answer).begin()
    if (answer.functionError === null) events.write(Buffer.from(answer.payload, 'utf8'))
  }
  events.end(completeOf(answer))
  return reply
}

function completeOf({ functionError, payload, logTail }: RanAnswer): InvokeComplete {
  return {
    ...(functionError === null ? {} : { ErrorCode: functionError, ErrorDetails: payload }),
    ...(logTail === null ? {} : { LogResult: base64(logTail) }),
  }
}
