import { UserFault } from '../../errors.ts'
import type { AccessTokenRoleName } from '../../model/records.ts'

const WHO_AM_I = [
  'Query.viewer',
  ...of('Viewer', 'account', 'region', 'role'),
  ...of('Account', 'id', 'accountId', 'name', 'createdAt'),
  ...of('UserError', 'code', 'message', 'field'),
  ...of('GenericUserError', 'code', 'message', 'field'),
]

/** What only the operator of the installation may do: no account decides on its own limits. */
const OPERATOR_ONLY: ReadonlySet<string> = new Set(['Mutation.approveLimitIncrease', 'Mutation.declineLimitIncrease'])

/**
 * What a token of each role may ask for, as `Type.field`. Null means everything that is not the operator's; what is not
 * in a list is refused, so a new field is closed to all but admins until somebody opens it here.
 */
const FIELDS_OF_ROLES: Readonly<Record<AccessTokenRoleName, ReadonlySet<string> | null>> = {
  ADMIN: null,
  OPERATOR: new Set([
    ...WHO_AM_I,
    ...OPERATOR_ONLY,
    'Query.limitIncreaseCases',
    ...of('LimitIncreaseCaseConnection', 'nodes', 'edges', 'pageInfo'),
    ...of('LimitIncreaseCaseEdge', 'cursor', 'node'),
    ...of('PageInfo', 'hasNextPage', 'startCursor', 'endCursor'),
    ...of('LimitIncreaseCase', 'caseId', 'accountId', 'region', 'status', 'desiredValue', 'reason', 'valueBefore'),
    ...of('LimitIncreaseCase', 'approvedValue', 'note', 'openedAt', 'closedAt'),
    ...of('ApproveLimitIncreasePayload', 'limitIncreaseCase', 'userErrors'),
    ...of('DeclineLimitIncreasePayload', 'limitIncreaseCase', 'userErrors'),
  ]),
  INVOKER: new Set([
    ...WHO_AM_I,
    'Mutation.invoke',
    'Mutation.invokeBatch',
    ...of('InvokeBatchPayload', 'requestIds', 'userErrors'),
    ...of('InvokePayload', 'statusCode', 'requestId', 'executedVersion', 'functionError', 'payload', 'payloadText'),
    ...of('InvokePayload', 'logTail', 'isRepeated', 'userErrors'),
    ...of('ThrottleError', 'code', 'message', 'field', 'reason', 'limit', 'retryAfterMs', 'httpStatus'),
  ]),
}

function of(type: string, ...fields: string[]): string[] {
  return fields.map((field) => `${type}.${field}`)
}

/** Throws a UserFault for the first field that a role may not ask for. The only place where roles are told apart. */
export function refuseForeignFields(role: AccessTokenRoleName, fields: ReadonlySet<string>): void {
  const open = FIELDS_OF_ROLES[role]
  for (const field of fields) {
    const isOpen = open === null ? !OPERATOR_ONLY.has(field) : open.has(field)
    if (isOpen) continue
    const needed = OPERATOR_ONLY.has(field) ? 'OPERATOR' : 'ADMIN'
    const message = `A token with the role ${role} may not read or change ${field}. Please use a token with the role ${needed}.`
    throw new UserFault('ACCESS_DENIED', message)
  }
}

/** Throws a UserFault where a role may do nothing but invoke: for what is no GraphQL operation. */
export function refuseUnlessAdmin(role: AccessTokenRoleName): void {
  if (role === 'ADMIN') return
  const message = `A token with the role ${role} may not do this. Please use a token with the role ADMIN.`
  throw new UserFault('ACCESS_DENIED', message)
}

/** Throws a UserFault where a role may not invoke functions: for what is no GraphQL operation. */
export function refuseUnlessInvoker(role: AccessTokenRoleName): void {
  const open = FIELDS_OF_ROLES[role]
  if (open === null || open.has('Mutation.invoke')) return
  const message = `A token with the role ${role} may not invoke functions. Please use a token with the role INVOKER.`
  throw new UserFault('ACCESS_DENIED', message)
}
