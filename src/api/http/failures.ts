import { randomUUID } from 'node:crypto'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { UserFault } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { requestTooLarge, sendFault } from './awsError.ts'
import { discardRest } from './detachedBody.ts'
import { sendGraphqlError } from './graphqlRoute.ts'

/** Answers what no route has answered: bodies that cannot be read, unknown paths, and what was thrown. */
export function answerFailures(server: FastifyInstance, log: Log): void {
  server.setErrorHandler<FastifyError>((error, request, reply) => {
    discardRest(request.raw)
    if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return sendUserFault(request, reply, requestTooLarge())
    if (error instanceof UserFault) return sendUserFault(request, reply, error)
    if (error.statusCode !== undefined && error.statusCode < 500) {
      return reply.code(error.statusCode).send({ message: error.message })
    }
    const requestId = randomUUID()
    log.error(error, { requestId })
    return reply.code(500).send({ message: 'Internal server error', requestId })
  })
  server.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ message: `There is nothing at ${request.method} ${request.url.split('?', 1)[0]}.` }),
  )
}

function sendUserFault(request: FastifyRequest, reply: FastifyReply, fault: UserFault): FastifyReply {
  const isGraphql = request.routeOptions.url === '/graphql'
  if (isGraphql) return sendGraphqlError(reply, 413, fault.code, fault.message)
  return sendFault(reply, fault, randomUUID())
}
