import type { FastifyReply } from 'fastify'
import { versionName } from '../../../model/version.ts'
import type { Services } from '../../services.ts'
import { invokeRequest, type LambdaCall } from './lambdaCall.ts'

const TYPE_NAMES = ['RequestResponse', 'Event', 'DryRun']

/**
 * AWS's Invoke: 200 with what the function answered, 202 for an event, 204 for a dry run. The function's error is an
 * answer with `X-Amz-Function-Error`. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export async function answerInvoke(services: Services, call: LambdaCall, reply: FastifyReply): Promise<FastifyReply> {
  const answer = await services.invocations.invoke(call.principal, await invokeRequest(call, TYPE_NAMES))
  switch (answer.kind) {
    case 'DRY_RUN':
      return reply.code(204).header('x-amzn-requestid', call.requestId).send()
    case 'ACCEPTED':
      return reply.code(202).header('x-amzn-requestid', answer.requestId).send()
    case 'RAN':
      reply
        .code(200)
        .type('application/json')
        .headers({ 'x-amzn-requestid': answer.requestId, 'x-amz-executed-version': versionName(answer.versionNumber) })
      if (answer.functionError !== null) reply.header('x-amz-function-error', answer.functionError)
      if (answer.logTail !== null) reply.header('x-amz-log-result', base64(answer.logTail))
      return reply.send(Buffer.from(answer.payload, 'utf8'))
  }
}

/** The end of a log as AWS's header has it. */
export function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}
