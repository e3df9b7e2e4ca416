import pg, { type Client, type Connection, type Submittable } from 'pg'
import { withResolvers } from '../model/withResolvers.ts'
import { RESULT_TYPES } from './pool.ts'

/** A prepared statement and what it is run with. A name stands for one text. */
export interface Statement {
  readonly name: string
  readonly text: string
  readonly values: unknown[]
}

/** What a statement of a batch came to. */
export interface StatementResult {
  /** For example `INSERT` or `COMMIT`. */
  readonly command: string
  readonly rows: readonly unknown[]
}

/**
 * Runs statements in their order, and answers with what each came to. They leave in one write, and PostgreSQL answers
 * in one as well: each write wakes somebody up, which costs more than a short statement. Where one fails, PostgreSQL
 * skips those behind it, and this rejects with its error; a transaction that is open stays open.
 *
 * Only for a connection of one's own that is not pipelined.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
 */
export function runBatch(client: Client, statements: readonly Statement[]): Promise<readonly StatementResult[]> {
  const batch = new StatementBatch(statements)
  client.query(batch)
  return batch.results
}

/** What pg's types leave out; pg-cursor relies on the same. */
interface Wire extends Omit<Connection, 'bind' | 'close'> {
  /** Texts of the statements that are prepared on this connection, by name. */
  readonly parsedStatements: Record<string, string>
  bind(statement: BoundStatement, more: boolean): void
  close(what: { readonly type: 'S'; readonly name: string }, more: boolean): void
}
interface BoundStatement {
  readonly portal: string
  readonly statement: string
  readonly binary: ''
  readonly values: unknown[]
}
interface ResultParser extends StatementResult {
  addFields(fields: unknown): void
  parseRow(fields: unknown): unknown
  addRow(row: unknown): void
  addCommandComplete(message: unknown): void
}
const { Result, utils } = pg as unknown as {
  readonly Result: new (rowMode: undefined, types: pg.CustomTypesConfig) => ResultParser
  readonly utils: { readonly prepareValue: (value: unknown) => unknown }
}

/** A query of pg's that is several statements: it is told of each message from PostgreSQL until all of them are answered. */
class StatementBatch implements Submittable {
  readonly statements: readonly Statement[]
  readonly #results: ResultParser[] = []
  readonly #outcome = withResolvers<readonly StatementResult[]>()
  #present = new Result(undefined, RESULT_TYPES)

  constructor(statements: readonly Statement[]) {
    this.statements = statements
  }

  get results(): Promise<readonly StatementResult[]> {
    return this.#outcome.promise
  }

  /** Returns the error of a value that cannot be sent; nothing has been sent then. */
  submit(connection: Connection): Error | null {
    let values: unknown[][]
    try {
      values = this.statements.map((statement) => statement.values.map(utils.prepareValue))
    } catch (error) {
      return error as Error
    }
    const wire = connection as unknown as Wire
    wire.stream.cork()
    for (const [index, statement] of this.statements.entries()) send(wire, statement, values[index]!)
    wire.sync()
    wire.stream.uncork()
    return null
  }

  handleRowDescription({ fields }: { readonly fields: unknown }): void {
    this.#present.addFields(fields)
  }

  handleDataRow({ fields }: { readonly fields: unknown }): void {
    this.#present.addRow(this.#present.parseRow(fields))
  }

  handleCommandComplete(message: unknown): void {
    this.#present.addCommandComplete(message)
    this.#results.push(this.#present)
    this.#present = new Result(undefined, RESULT_TYPES)
  }

  handleReadyForQuery(connection: Connection): void {
    const { parsedStatements } = connection as unknown as Wire
    for (const { name, text } of this.statements) parsedStatements[name] = text
    this.#outcome.resolve(this.#results)
  }

  handleError(error: Error): void {
    this.#outcome.reject(error)
  }
}

function send(wire: Wire, { name, text }: Statement, values: unknown[]): void {
  if (wire.parsedStatements[name] !== text) {
    // One that failed in another batch may be there or not.
    wire.close({ type: 'S', name }, true)
    wire.parse({ name, text, types: [] }, true)
  }
  wire.bind({ portal: '', statement: name, binary: '', values }, true)
  wire.describe({ type: 'P', name: '' }, true)
  wire.execute({ portal: '', rows: '' }, true)
}
