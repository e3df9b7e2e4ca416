import type { Pool } from 'pg'
import type { Scope } from '../model/records.ts'
import { selectAccountSettings } from './sql/selectAccountSettings.ts'

/** What an account may have in a region, and what it has. Sizes are in bytes. */
export interface AccountSettingsRecord {
  readonly concurrentExecutions: number
  /** What functions without a reservation share. */
  readonly unreservedConcurrentExecutions: number
  readonly functionCount: number
  /** Of all versions: publishing a version counts its code again (recorded facts, no. 121). */
  readonly usedCodeSizeBytes: bigint
}

/** Reads the settings of an account in a region. Source: recorded facts, no. 121 (LocalStack snapshot tests, Apache-2.0). */
export async function readAccountSettings(pool: Pool, { accountId, region }: Scope): Promise<AccountSettingsRecord> {
  const { rows } = await pool.query<AccountSettingsRecord>({ ...selectAccountSettings, values: [accountId, region] })
  return rows[0]!
}
