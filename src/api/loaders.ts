import type { Scope } from '../model/records.ts'
import { createFunctionLoaders, type FunctionLoaders } from './loaders/functionLoaders.ts'
import { createInvocationLoaders, type InvocationLoaders } from './loaders/invocationLoaders.ts'
import type { Services } from './services.ts'

/** Everything that batches and remembers reads within one request, by room. */
export interface Loaders {
  readonly functions: FunctionLoaders
  readonly invocations: InvocationLoaders
}

/** Loaders for one request, which see one account and region. */
export function createLoaders(services: Services, scope: Scope): Loaders {
  return {
    functions: createFunctionLoaders(services.functions, scope),
    invocations: createInvocationLoaders(services.invocations, services.events, scope),
  }
}
