import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeExecutableSchema } from '@graphql-tools/schema'
import type { GraphQLSchema } from 'graphql'
import { INSTALLATION_FOLDER } from '../installation.ts'
import { resolverGroups } from './resolvers/index.ts'
import { scalars } from './scalars/index.ts'

/** The API: schema.graphql with its resolvers. Throws where a resolver has no field, or an abstract type no resolver. */
export function createSchema(): GraphQLSchema {
  return makeExecutableSchema({
    typeDefs: readFileSync(join(INSTALLATION_FOLDER, 'schema.graphql'), 'utf8'),
    resolvers: [scalars, ...resolverGroups],
    resolverValidationOptions: { requireResolversForResolveType: 'error', requireResolversToMatchSchema: 'error' },
    inheritResolversFromInterfaces: false,
  })
}
