import { runtimeEnumName } from '../../model/runtime.ts'
import type { Resolvers } from '../generated/resolvers.ts'

/** `Query.runtimes`. Where interpreters lie on the machine is for admins only. */
export const runtimeQueries: Resolvers = {
  Query: {
    async runtimes(_root, _request, { services, principal }) {
      const runtimes = await services.runtimes.list()
      return runtimes.map(({ runtime, isUsable, version, interpreterPath, advice }) => ({
        runtime: runtimeEnumName(runtime),
        identifier: runtime,
        isUsable,
        version,
        interpreterPath: principal.role === 'ADMIN' ? interpreterPath : null,
        advice,
      }))
    },
  },
}
