import type { InvocationSourceName, InvocationStatusName, InvocationTypeName } from '../model/records.ts'

/** Which invocations are wanted; null: no condition. */
export interface InvocationFilter {
  /** Name of a function of the account and region. */
  readonly functionName: string | null
  readonly statuses: readonly InvocationStatusName[] | null
  readonly types: readonly InvocationTypeName[] | null
  readonly sources: readonly InvocationSourceName[] | null
  readonly createdFrom: Date | null
  readonly createdBefore: Date | null
}
