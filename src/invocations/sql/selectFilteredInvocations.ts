import type { Scope } from '../../model/records.ts'
import type { InvocationFilter } from '../invocationFilter.ts'
import { INVOCATION_COLUMNS } from './selectInvocations.ts'

/**
 * A page of an account's invocations in a region that a filter lets through, newest first. Takes no locks.
 *
 * Each set of conditions is a statement of its own, so that each is planned for the index that it has: those that wait
 * or run are found by the queue, those of a function by the function, all others by the account.
 */
export function selectFilteredInvocations(scope: Scope, filter: InvocationFilter, beforeId: string, limit: number) {
  const values: unknown[] = []
  const parameter = (value: unknown) => `$${values.push(value)}`
  const account = parameter(scope.accountId)
  const region = parameter(scope.region)
  const conditions = [
    `invocation.account_id = ${account} AND invocation.region = ${region}`,
    `invocation.id < ${parameter(beforeId)}::uuid`,
  ]
  const { functionName, statuses, types, sources, createdFrom, createdBefore } = filter
  if (functionName !== null) {
    conditions.push(`invocation.function_id = (
      SELECT id FROM function WHERE account_id = ${account} AND region = ${region} AND name = ${parameter(functionName)})`)
  }
  if (types !== null) conditions.push(`invocation.type = ANY(${parameter(types)}::text[])`)
  if (sources !== null) conditions.push(`invocation.source = ANY(${parameter(sources)}::text[])`)
  if (createdFrom !== null) conditions.push(`invocation.created_at >= ${parameter(createdFrom)}`)
  if (createdBefore !== null) conditions.push(`invocation.created_at < ${parameter(createdBefore)}`)
  const isUnfinished = statuses?.every((status) => status === 'QUEUED' || status === 'RUNNING') ?? false
  if (statuses !== null) conditions.push(`${STATUS} = ANY(${parameter(statuses)}::text[])`)
  const join = isUnfinished ? 'JOIN' : 'LEFT JOIN'
  return {
    text: `
      SELECT ${INVOCATION_COLUMNS}
      FROM invocation ${join} queued_invocation queued ON queued.id = invocation.id
      WHERE ${conditions.join(' AND ')}
      ORDER BY invocation.id DESC
      LIMIT ${parameter(limit)}`,
    values,
  }
}

const STATUS = `
  (CASE WHEN invocation.status = 'QUEUED' AND queued.node_id IS NOT NULL THEN 'RUNNING' ELSE invocation.status END)`
