import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { type ApolloServer, HeaderMap } from '@apollo/server'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { USER_ERRORS, UserFault } from '../../errors.ts'
import type { Principal } from '../../model/records.ts'
import type { Context } from '../context.ts'
import { createLoaders } from '../loaders.ts'
import type { Services } from '../services.ts'
import { authenticateRequest, UNAUTHENTICATED } from './credentials.ts'

/** `POST /graphql`, and `GET /graphql` for queries: one operation for each request, as GraphQL over HTTP has it. */
export function graphqlRoute(server: FastifyInstance, apollo: ApolloServer<Context>, services: Services): void {
  server.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    async handler(request, reply) {
      let principal: Principal | null
      try {
        principal = await authenticateRequest(services.access, request.headers)
      } catch (fault) {
        if (!(fault instanceof UserFault)) throw fault
        return sendGraphqlError(reply, USER_ERRORS[fault.code].httpStatus, fault.code, fault.message)
      }
      if (principal === null) {
        reply.header('www-authenticate', 'Bearer')
        return sendGraphqlError(reply, 401, 'UNAUTHENTICATED', UNAUTHENTICATED)
      }
      return answer(apollo, services, principal, request, reply)
    },
  })
}

/** Answers with one error of the whole request, in the shape that GraphQL clients read. */
export function sendGraphqlError(reply: FastifyReply, status: number, code: string, message: string): FastifyReply {
  return reply.code(status).send({ errors: [{ message, extensions: { code } }] })
}

async function answer(
  apollo: ApolloServer<Context>,
  services: Services,
  principal: Principal,
  { method, headers, url, body: requestBody }: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const headerMap = new HeaderMap()
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined) headerMap.set(name, typeof value === 'string' ? value : value.join(', '))
  }
  const query = url.indexOf('?')
  const {
    status,
    headers: answerHeaders,
    body,
  } = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: { method, headers: headerMap, search: query < 0 ? '' : url.slice(query), body: requestBody },
    context: async () => createContext(services, principal),
  })
  for (const [name, value] of answerHeaders) reply.header(name, value)
  reply.code(status ?? 200)
  return reply.send(body.kind === 'complete' ? body.string : Readable.from(body.asyncIterator))
}

/** The context of one operation. */
export function createContext(services: Services, principal: Principal): Context {
  return { principal, services, loaders: createLoaders(services, principal), requestId: randomUUID() }
}
