import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { UserFault } from '../../../errors.ts'
import type { Log } from '../../../log.ts'
import { refuseUnlessInvoker } from '../../graphql/roleFields.ts'
import type { Services } from '../../services.ts'
import { sendFault, sendServiceException } from '../awsError.ts'
import { discardRest } from '../detachedBody.ts'
import { answerInvoke } from './answerInvoke.ts'
import { answerInvokeWithResponseStream } from './answerInvokeWithResponseStream.ts'
import type { LambdaCall } from './lambdaCall.ts'
import { authenticateCaller } from './signedCredentials.ts'

/** The longest name of a function that routes take apart; what is longer than AWS's 170 characters is refused behind them. */
export const LONGEST_PATH_PARAMETER = 1_024

const UNRECOGNIZED =
  'The security token included in the request is invalid. The access key id has to be an access token of this service, ' +
  'lql_...; the secret access key may be anything. "npm run token -- create" makes one.'

/** Answers one operation; what it throws before it has begun to answer becomes an error of AWS's. */
type Operation = (services: Services, call: LambdaCall, reply: FastifyReply, log: Log) => Promise<FastifyReply>

const OPERATIONS: Readonly<Record<string, Operation>> = {
  '/2015-03-31/functions/:functionName/invocations': answerInvoke,
  '/2021-11-15/functions/:functionName/response-streaming-invocations': answerInvokeWithResponseStream,
}

/**
 * The operations of AWS's own Lambda API that invoke functions, at AWS's own paths, so that AWS's command line and SDKs
 * reach this service as an endpoint. Each is what the GraphQL mutation `invoke` is, in another envelope.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
 */
export function lambdaRoutes(server: FastifyInstance, services: Services, log: Log): void {
  server.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    // Takes nothing from the stream: a body is read when it is known who sends it.
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    for (const [path, operation] of Object.entries(OPERATIONS)) {
      scope.post(path, { bodyLimit: Number.MAX_SAFE_INTEGER }, (request, reply) =>
        answer(operation, services, log, request, reply),
      )
    }
  })
}

async function answer(
  operation: Operation,
  services: Services,
  log: Log,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const requestId = randomUUID()
  try {
    const principal = await authenticateCaller(services.access, request.headers)
    if (principal === null) {
      discardRest(request.raw)
      const headers = { 'x-amzn-errortype': 'UnrecognizedClientException', 'x-amzn-requestid': requestId }
      return reply.code(403).headers(headers).send({ message: UNRECOGNIZED })
    }
    refuseUnlessInvoker(principal.role)
    const { functionName } = request.params as { readonly functionName: string }
    const { Qualifier: qualifier = null } = request.query as { readonly Qualifier?: string | string[] }
    if (Array.isArray(qualifier)) throw new UserFault('INVALID_PARAMETER_VALUE', 'Qualifier was given more than once.')
    const { raw, headers } = request
    return await operation(services, { principal, functionName, qualifier, headers, body: raw, requestId }, reply, log)
  } catch (fault) {
    discardRest(request.raw)
    if (fault instanceof UserFault) return sendFault(reply, fault, requestId)
    log.error(fault, { requestId })
    return sendServiceException(reply, requestId)
  }
}
