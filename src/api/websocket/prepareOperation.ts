import {
  type ExecutionArgs,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  parse,
  specifiedRules,
  validate,
} from 'graphql'
import type { SubscribePayload } from 'graphql-ws'
import { UserFault } from '../../errors.ts'
import type { Context } from '../context.ts'
import { OPERATION_LIMITS, type OperationGuard } from '../graphql/operationGuard.ts'
import { requestError } from '../graphql/publicError.ts'

/** An operation that may run, or the reasons why not. */
export type PreparedOperation = ExecutionArgs | readonly GraphQLError[]

/** Parses, validates and guards an operation as it is done for HTTP. */
export function prepareOperation(
  schema: GraphQLSchema,
  guard: OperationGuard,
  { query, operationName, variables }: SubscribePayload,
  contextValue: Context,
): PreparedOperation {
  try {
    const document = parse(query, { maxTokens: OPERATION_LIMITS.tokens })
    const mistakes = validate(schema, document, specifiedRules)
    if (mistakes.length > 0) return mistakes
    const operation = getOperationAST(document, operationName)
    if (!operation) return [new GraphQLError('The document has no such operation, or several and none was named.')]
    guard({ document, operation, variables: variables ?? {}, role: contextValue.principal.role })
    return {
      schema,
      document,
      contextValue,
      ...(operationName != null && { operationName }),
      ...(variables != null && { variableValues: variables }),
    }
  } catch (fault) {
    if (fault instanceof UserFault) return [requestError(fault)]
    if (fault instanceof GraphQLError) return [fault]
    throw fault
  }
}
