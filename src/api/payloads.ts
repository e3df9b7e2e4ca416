import type { BillTotals } from '../model/bill.ts'
import type { UserErrorData } from './userErrors.ts'

/** What the fields of an `InvokePayload` are made of; `payload` and `invocation` are read only where they are asked for. */
export interface InvokePayloadRecord {
  readonly statusCode: number | null
  readonly requestId: string | null
  readonly executedVersion: string | null
  readonly functionError: string | null
  readonly payloadText: string | null
  readonly logTail: string | null
  readonly isRepeated: boolean
  readonly userErrors: UserErrorData[]
}

/** What the fields of a `CostEstimate` are made of. */
export interface CostEstimateRecord extends BillTotals {
  readonly billedMs: number
  readonly priceList: string
}
