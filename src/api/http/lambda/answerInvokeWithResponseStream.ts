import { PassThrough } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { RanAnswer } from '../../../invocations/invoke.ts'
import { versionName } from '../../../model/version.ts'
import type { Services } from '../../services.ts'
import { base64 } from './answerInvoke.ts'
import { EVENT_STREAM_TYPE, type InvokeComplete, invokeComplete, payloadChunk } from './eventStream.ts'
import { invokeRequest, type LambdaCall } from './lambdaCall.ts'

const TYPE_NAMES = ['RequestResponse', 'DryRun']

/**
 * AWS's InvokeWithResponseStream: the response as PayloadChunk events, then InvokeComplete, which says where the function
 * failed. https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html
 */
export async function answerInvokeWithResponseStream(
  services: Services,
  call: LambdaCall,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const answer = await services.invocations.invoke(call.principal, await invokeRequest(call, TYPE_NAMES))
  if (answer.kind !== 'RAN') return reply.code(204).header('x-amzn-requestid', call.requestId).send()
  const stream = new PassThrough()
  if (answer.functionError === null) stream.write(payloadChunk(Buffer.from(answer.payload, 'utf8')))
  stream.end(invokeComplete(completeOf(answer)))
  return reply
    .code(200)
    .headers({
      'content-type': EVENT_STREAM_TYPE,
      'x-amzn-requestid': answer.requestId,
      'x-amz-executed-version': versionName(answer.versionNumber),
    })
    .send(stream)
}

function completeOf({ functionError, payload, logTail }: RanAnswer): InvokeComplete {
  return {
    ...(functionError === null ? {} : { ErrorCode: functionError, ErrorDetails: payload }),
    ...(logTail === null ? {} : { LogResult: base64(logTail) }),
  }
}
