import type { InvokeAnswer } from '../../invocations/invoke.ts'
import { versionName } from '../../model/version.ts'
import type { Resolvers } from '../generated/resolvers.ts'
import type { InvokePayloadRecord } from '../payloads.ts'
import { payloadOf } from '../userErrors.ts'

type Answer = Omit<InvokePayloadRecord, 'userErrors'>

const NOTHING: Answer = {
  statusCode: null,
  requestId: null,
  executedVersion: null,
  functionError: null,
  payloadText: null,
  logTail: null,
  isRepeated: false,
}

/** `Mutation.invoke` and its payload, and `Mutation.invokeBatch`. */
export const invoke: Resolvers = {
  Mutation: {
    invoke: (_root, { input }, { services, principal }) =>
      payloadOf(NOTHING, async () =>
        answerOf(
          await services.invocations.invoke(principal, {
            functionName: input.functionName,
            qualifier: input.qualifier ?? null,
            type: input.type ?? 'REQUEST_RESPONSE',
            payload: input.payload,
            payloadText: input.payloadText ?? null,
            clientContext: input.clientContext,
            isTailWanted: input.logTail ?? false,
            isColdStartForced: input.forceColdStart ?? false,
            traceHeader: input.traceHeader ?? null,
            idempotencyKey: input.idempotencyKey ?? null,
          }),
        ),
      ),
    invokeBatch: (_root, { input }, { services, principal }) =>
      payloadOf({ requestIds: [] }, async () => ({
        requestIds: await services.invocations.acceptBatch(principal, {
          functionName: input.functionName,
          qualifier: input.qualifier ?? null,
          payloads: input.payloads,
          clientContext: input.clientContext,
          traceHeader: input.traceHeader ?? null,
        }),
      })),
  },
  InvokePayload: {
    // Parsed only where it is asked for: the text may have megabytes.
    payload: ({ payloadText }) => (payloadText === null ? null : JSON.parse(payloadText)),
    invocation: ({ requestId }, _request, { loaders }) =>
      requestId === null ? null : loaders.invocations.byId.load(requestId),
  },
}

function answerOf(answer: InvokeAnswer): Answer {
  switch (answer.kind) {
    case 'DRY_RUN':
      return { ...NOTHING, statusCode: 204 }
    case 'ACCEPTED':
      return { ...NOTHING, statusCode: 202, requestId: answer.requestId, isRepeated: answer.isRepeated }
    case 'RAN':
      return {
        statusCode: 200,
        requestId: answer.requestId,
        executedVersion: versionName(answer.versionNumber),
        functionError: answer.functionError,
        payloadText: answer.payload,
        logTail: answer.logTail,
        isRepeated: answer.isRepeated,
      }
  }
}
