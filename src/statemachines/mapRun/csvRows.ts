import { pipeline, Readable } from 'node:stream'
import { CsvError, parse as parseCsv } from 'csv-parse'
import { type Json, memberOf } from '../data/json.ts'
import { LARGEST_ITEM_BYTES, MalformedItems } from './malformedItems.ts'

const DELIMITERS: Readonly<Record<string, string>> = { COMMA: ',', PIPE: '|', SEMICOLON: ';', SPACE: ' ', TAB: '\t' }

/**
 * The rows of CSV (RFC 4180) as objects of texts by header. `CSVHeaderLocation` GIVEN takes the headers of
 * `CSVHeaders`, and the first row is a row; else it has them.
 */
export async function* csvRows(bytes: AsyncIterable<Uint8Array>, config: Json): AsyncGenerator<Json, void, void> {
  const given = memberOf(config, 'CSVHeaders')
  const parser = parseCsv({
    bom: true,
    columns: memberOf(config, 'CSVHeaderLocation') === 'GIVEN' && Array.isArray(given) ? given.map(String) : true,
    delimiter: DELIMITERS[String(memberOf(config, 'CSVDelimiter') ?? 'COMMA')] ?? ',',
    skip_empty_lines: true,
    relax_column_count: true,
    // A quote that is never closed would gather the rest of the object.
    max_record_size: LARGEST_ITEM_BYTES,
  })
  // Closes the source when the reader stops early, and ends the parser with the source's error.
  pipeline(Readable.from(bytes), parser, () => {})
  try {
    for await (const row of parser) yield row as Json
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw new MalformedItems(`The object is not the CSV that it should be: ${error.message}`)
  }
}
