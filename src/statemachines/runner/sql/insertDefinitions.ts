import { rowsStatement } from '../../../db/unnest.ts'

export interface DefinitionRow {
  readonly sha256: Buffer
  readonly definition: string
}

/** Keeps definitions that are not kept yet. Locks nothing but their own rows; who is second waits, and writes nothing. */
export const insertDefinitions = rowsStatement<DefinitionRow>(
  'insert_execution_definitions',
  [
    { name: 'sha256', type: 'bytea', of: (row) => `\\x${row.sha256.toString('hex')}` },
    { name: 'definition', type: 'text', of: (row) => row.definition },
  ],
  (rows, names) => `
    INSERT INTO execution_definition (${names}) SELECT ${names} FROM ${rows} ORDER BY sha256
    ON CONFLICT DO NOTHING`,
)
