import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { UserFault } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { globalId } from '../globalId.ts'
import { refuseUnlessAdmin } from '../graphql/roleFields.ts'
import type { Services } from '../services.ts'
import { sendFault, sendServiceException } from './awsError.ts'
import { authenticateRequest, UNAUTHENTICATED } from './credentials.ts'
import { detachedBody, discardRest } from './detachedBody.ts'

/** `POST /code-packages`: the body is a zip archive of any content type, which is never held in memory as a whole. */
export function codePackageRoute(server: FastifyInstance, services: Services, log: Log): void {
  server.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    // Takes nothing from the stream: the route reads it itself.
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    scope.post('/code-packages', { bodyLimit: Number.MAX_SAFE_INTEGER }, async (request, reply) => {
      const requestId = randomUUID()
      try {
        const principal = await authenticateRequest(services.access, request.headers)
        if (principal === null) {
          discardRest(request.raw)
          return reply.code(401).header('www-authenticate', 'Bearer').send({ message: UNAUTHENTICATED })
        }
        refuseUnlessAdmin(principal.role)
        const stored = await services.functions.uploadCodePackage(principal, detachedBody(request.raw))
        return reply.code(201).send({
          codePackageId: globalId('CodePackage', stored.codePackageId),
          codeSha256: Buffer.from(stored.sha256, 'hex').toString('base64'),
          codeSizeBytes: stored.sizeBytes,
        })
      } catch (fault) {
        discardRest(request.raw)
        if (fault instanceof UserFault) return sendFault(reply, fault, requestId)
        log.error(fault, { requestId })
        return sendServiceException(reply, requestId)
      }
    })
  })
}
