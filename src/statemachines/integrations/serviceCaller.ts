import { type AwsClientsOf, NoAwsEndpoint } from '../../destinations/awsClientCache.ts'
import type { Scope } from '../../model/records.ts'
import { callAwsService } from './callAwsService.ts'
import { callHttpEndpoint, type HttpGuard } from './callHttpEndpoint.ts'
import type { ServiceAnswer, ServiceCall } from './contract.ts'

/** Calls what Task states name that is not the service's own. */
export type ServiceCaller = (scope: Scope, call: ServiceCall, signal: AbortSignal) => Promise<ServiceAnswer>

export function createServiceCaller(awsClients: AwsClientsOf, guard: HttpGuard): ServiceCaller {
  return async (scope, call, signal) => {
    if (call.service === 'http' && call.action === 'invoke') {
      return callHttpEndpoint(call.parameters, scope.region, guard, signal)
    }
    try {
      return await callAwsService(await awsClients(scope), call, signal)
    } catch (error) {
      if (error instanceof NoAwsEndpoint) return { kind: 'FAILED', error: 'States.Runtime', cause: error.message }
      throw error
    }
  }
}
