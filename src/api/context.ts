import type { Principal } from '../model/records.ts'
import type { Loaders } from './loaders.ts'
import type { Services } from './services.ts'

/** What every resolver is given. Made once per HTTP request or per WebSocket operation. */
export interface Context {
  /** Who asks; every object that a resolver touches belongs to this account. */
  readonly principal: Principal
  /** Batches and remembers reads within this request. */
  readonly loaders: Loaders
  /** The rooms that the API may use; it never touches the database itself. */
  readonly services: Services
  /** Stands in the answer's `extensions` and in the service's log. */
  readonly requestId: string
}
