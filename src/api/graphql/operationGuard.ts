import { type DocumentNode, GraphQLError, type GraphQLSchema, Kind, type OperationDefinitionNode } from 'graphql'
import type { AccessTokenRoleName } from '../../model/records.ts'
import { type OperationShape, operationShape, type VariableValues } from './operationShape.ts'
import { refuseForeignFields } from './roleFields.ts'

/** The most that one request may ask for. */
export const OPERATION_LIMITS = {
  /** Tokens of a document. */
  tokens: 4_000,
  /** Fields that lie in each other. */
  depth: 16,
  /** Root fields, aliases counted each. */
  rootFields: 25,
  /** Fields that the answer can have. */
  cost: 50_000,
} as const

/** Refuses operations that a caller may not run, before anything of them has run. */
export type OperationGuard = (request: {
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
  readonly variables: VariableValues
  readonly role: AccessTokenRoleName
}) => void

/** A guard that throws a UserFault for what the role may not do, and a GraphQLError for what is too much. */
export function createOperationGuard(schema: GraphQLSchema): OperationGuard {
  // Documents are cached by their text, so that what is said of one holds for all requests with it.
  const shapes = new WeakMap<OperationDefinitionNode, OperationShape>()

  return ({ document, operation, variables, role }) => {
    let shape = shapes.get(operation)
    if (shape === undefined) {
      shape = operationShape(schema, operation, fragmentsOf(document))
      shapes.set(operation, shape)
    }
    refuseForeignFields(role, shape.fields)
    refuseExcess('depth', shape.depth, 'levels deep')
    refuseExcess('rootFields', shape.rootFields, 'root fields long')
    refuseExcess('cost', shape.cost(variables), 'fields large (those of a page count once for each item)')
  }
}

function refuseExcess(limit: 'depth' | 'rootFields' | 'cost', value: number, unit: string): void {
  const most = OPERATION_LIMITS[limit]
  if (value <= most) return
  throw new GraphQLError(`The operation is ${value} ${unit}; ${most} are the most. Please ask for less at a time.`, {
    extensions: { code: 'OPERATION_TOO_LARGE', http: { status: 400 } },
  })
}

function fragmentsOf(document: DocumentNode) {
  return new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [],
    ),
  )
}
