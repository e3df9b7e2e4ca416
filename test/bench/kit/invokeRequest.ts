import type { LoadRequest } from './httpLoad.ts'

const INVOKE = `mutation ($input: InvokeInput!) {
  invoke(input: $input) { statusCode payload functionError userErrors { code message } }
}`

const PAYLOAD = { name: 'Ada', greeting: 'Good day', numbers: [1, 2, 3] }

/** The event that is sent, and comes back. */
export const ECHOED = JSON.stringify(PAYLOAD)

/** The request that invokes a function that echoes, at a server that has `invoke`. */
export function invokeRequest(url: string, token: string | null, functionName: string): LoadRequest {
  return {
    url,
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: INVOKE, variables: { input: { functionName, payload: PAYLOAD } } }),
    expects: `"statusCode":200,"payload":${ECHOED},"functionError":null`,
  }
}

/** The request that has a function invoked later, with an empty event. */
export function eventRequest(url: string, token: string, functionName: string): LoadRequest {
  const input = { functionName, type: 'EVENT', payload: {} }
  return {
    url,
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: INVOKE, variables: { input } }),
    expects: '"statusCode":202',
  }
}

const INVOKE_BATCH = `mutation ($input: InvokeBatchInput!) {
  invokeBatch(input: $input) { requestIds userErrors { code message } }
}`

/** The request that has a function invoked later with many empty events. */
export function batchRequest(url: string, token: string, functionName: string, events: number): LoadRequest {
  const input = { functionName, payloads: Array.from({ length: events }, () => ({})) }
  return {
    url,
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: INVOKE_BATCH, variables: { input } }),
    expects: '"userErrors":[]',
  }
}
