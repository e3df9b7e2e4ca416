import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { guardedLookup, refusedHost } from './endpointRules.ts'

type Connect = (options: { readonly host?: string | null }, callback?: (error: Error) => void) => unknown

/**
 * Agents that connect to no address that may be no endpoint, by name or by number: the SDK goes where the URL of a queue
 * says, whatever the endpoint is, and addresses are not looked up.
 */
export function guardedAgents(maxSockets: number): { httpAgent: HttpAgent; httpsAgent: HttpsAgent } {
  const options = { keepAlive: true, maxSockets, lookup: guardedLookup }
  return { httpAgent: guarded(new HttpAgent(options)), httpsAgent: guarded(new HttpsAgent(options)) }
}

function guarded<Agent extends HttpAgent>(agent: Agent): Agent {
  // Not in the types of Node 20, though its documentation has it for this.
  const connecting = agent as unknown as { createConnection: Connect }
  const connect = connecting.createConnection.bind(agent)
  connecting.createConnection = (options, callback) => {
    const refusal = refusedHost((options.host ?? '').replace(/^\[|\]$/g, ''))
    if (refusal === null) return connect(options, callback)
    callback?.(new Error(refusal))
    return undefined
  }
  return agent
}
