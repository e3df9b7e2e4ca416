import type { Scope } from '../../model/records.ts'
import type { Context } from '../context.ts'
import type { Services } from '../services.ts'
import { payloadOf, type UserErrorData } from '../userErrors.ts'

type Nothing<Result> = { readonly [Key in keyof Result]: null }
type Payload<Result> = { [Key in keyof Result]: Result[Key] | null } & { userErrors: UserErrorData[] }

/**
 * Runs a mutation in the scope of the caller: its result, or `nothing` with the caller's fault as user error. What was
 * read before it in the same request is forgotten, so that the fields of its payload see the change.
 */
export async function mutate<Result extends object>(
  { services, principal, loaders }: Context,
  nothing: Nothing<Result>,
  change: (services: Services, scope: Scope) => Promise<Result>,
): Promise<Payload<Result>> {
  try {
    return (await payloadOf<Result | Nothing<Result>>(nothing, () => change(services, principal))) as Payload<Result>
  } finally {
    loaders.functions.clear()
  }
}
