import type { Statement } from './statementBatch.ts'

/**
 * One column of a multi-row statement: its SQL type and how to take it from a row. Times are given in milliseconds
 * since the epoch and leave as ISO text, which PostgreSQL reads without regard to the session's time zone.
 */
export interface Column<Row> {
  readonly name: string
  readonly type: string
  readonly of: (row: Row) => string | number | boolean | bigint | null
}

/** A statement that takes rows as one array per column. */
export interface RowsStatement<Row, Result = never> {
  readonly name: string
  readonly text: string
  readonly values: (rows: readonly Row[]) => unknown[]
  /** Only a type: what a returned row looks like. */
  readonly result?: Result
}

/**
 * Makes a prepared statement whose source of rows is `unnest` of one array parameter per column. `sql` is given the
 * text of that source, `unnest($1::uuid[], ...) AS input(id, ...)`, and the list of the columns' names.
 */
export function rowsStatement<Row, Result = never>(
  name: string,
  columns: readonly Column<Row>[],
  sql: (rows: string, names: string) => string,
): RowsStatement<Row, Result> {
  const names = columns.map((column) => column.name).join(', ')
  const arrays = columns.map((column, index) => `$${index + 1}::${column.type}[]`).join(', ')
  return {
    name,
    text: sql(`unnest(${arrays}) WITH ORDINALITY AS input(${names}, ordinality)`, names),
    values: (rows) => columns.map((column) => rows.map(column.of)),
  }
}

/** The statement that is run with these rows; none where there are none. */
export function withRows<Row>(
  { name, text, values }: RowsStatement<Row, unknown>,
  rows: readonly Row[],
): readonly Statement[] {
  return rows.length === 0 ? [] : [{ name, text, values: values(rows) }]
}

/** A time for a `timestamptz` column, or null. */
export function isoTime(atMs: number): string
export function isoTime(atMs: number | null): string | null
export function isoTime(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString()
}
