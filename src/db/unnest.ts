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

/** A statement with the rows that it is run with. */
export interface StatementWithRows extends Statement {
  /** Name of the statement, which is one for any number of rows. */
  readonly caseOf: string
}

/** A statement that takes rows. */
export interface RowsStatement<Row, Result = never> {
  readonly name: string
  /** The statement that is run with these rows, at least one. */
  readonly withRows: (rows: readonly Row[]) => StatementWithRows
  /** Only a type: what a returned row looks like. */
  readonly result?: Result
}

/**
 * Up to as many rows are given as VALUES, a parameter for each value: `unnest` makes a table of each column first, which
 * takes longer than inserting some rows (54 and 33 us for one row of 18 columns, 173 and 109 for eight, but as long for
 * 16). Each number of rows is a prepared statement of its own.
 */
const MOST_VALUES_ROWS = 8

/**
 * Makes prepared statements whose source of rows is `unnest` of one array parameter per column, or for a few rows VALUES.
 * `sql` is given the text of that source, for example `unnest($1::uuid[], ...) WITH ORDINALITY AS input(id, ...,
 * ordinality)`, and the list of the columns' names.
 */
export function rowsStatement<Row, Result = never>(
  name: string,
  columns: readonly Column<Row>[],
  sql: (rows: string, names: string) => string,
): RowsStatement<Row, Result> {
  const names = columns.map((column) => column.name).join(', ')
  const arrays = columns.map((column, index) => `$${index + 1}::${column.type}[]`).join(', ')
  const text = sql(`unnest(${arrays}) WITH ORDINALITY AS input(${names}, ordinality)`, names)
  const texts = Array.from({ length: MOST_VALUES_ROWS }, (_, index) =>
    sql(`(VALUES ${valuesLists(columns, index + 1)}) AS input(${names}, ordinality)`, names),
  )
  return {
    name,
    withRows(rows) {
      const few = texts[rows.length - 1]
      if (few === undefined) return { caseOf: name, name, text, values: columns.map(({ of }) => rows.map(of)) }
      const values: unknown[] = []
      for (const row of rows) for (const { of } of columns) values.push(of(row))
      return { caseOf: name, name: `${name}_${rows.length}`, text: few, values }
    },
  }
}

/** For example `($1::uuid, $2::text, 1), ($3::uuid, $4::text, 2)`. */
function valuesLists(columns: readonly Column<never>[], count: number): string {
  const row = (index: number) => columns.map(({ type }, place) => `$${index * columns.length + place + 1}::${type}`)
  return Array.from({ length: count }, (_, index) => `(${[...row(index), index + 1].join(', ')})`).join(', ')
}

/** The statement that is run with these rows; none where there are none. */
export function withRows<Row>(
  statement: RowsStatement<Row, unknown>,
  rows: readonly Row[],
): readonly StatementWithRows[] {
  return rows.length === 0 ? [] : [statement.withRows(rows)]
}

/** Many rows of a commit have the same time, and writing it as text takes longer than most that is done for a row. */
let lastTime = { atMs: 0, text: new Date(0).toISOString() }

/** A time for a `timestamptz` column, or null. */
export function isoTime(atMs: number): string
export function isoTime(atMs: number | null): string | null
export function isoTime(atMs: number | null): string | null {
  if (atMs === null) return null
  if (atMs !== lastTime.atMs) lastTime = { atMs, text: new Date(atMs).toISOString() }
  return lastTime.text
}
