import { withoutUserErrors } from './service.mjs'

const INVOKE = /* GraphQL */ `
  mutation Invoke($input: InvokeInput!) {
    invoke(input: $input) {
      statusCode
      requestId
      executedVersion
      functionError
      payload
      logTail
      invocation {
        status
        attempts { outcome isColdStart durationMs billedDurationMs initDurationMs maxMemoryUsedMiB cost }
      }
      userErrors { code message field }
    }
  }`

/**
 * Runs one version of a function and waits for its result, with the tail of its log and the one attempt that was made.
 * Throws a ScriptFault when nothing was run.
 */
export async function invoke(service, functionName, version, event) {
  const input = { functionName, qualifier: version, payload: event, logTail: true }
  const { invoke: payload } = await service.execute(INVOKE, { input })
  const { invocation, ...answer } = withoutUserErrors(`invoke ${functionName}`, payload)
  return { ...answer, status: invocation.status, attempt: invocation.attempts.at(-1) }
}
