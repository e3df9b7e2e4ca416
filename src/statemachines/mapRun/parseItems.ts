import type { Readable } from 'node:stream'
import { JSONParser } from '@streamparser/json'
import { parse as parseCsv } from 'csv-parse'
import { isObject, type Json, memberOf } from '../data/json.ts'

/** The object has not the form that ReaderConfig says. */
export class MalformedItems extends Error {}

/**
 * The items of an object in S3, one after the other, in memory that does not grow with it: the elements of a JSON array
 * (of an object, its members as `{ key, value }`), the lines of JSON Lines, or the rows of CSV as objects of texts.
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
 */
export function parseItems(body: Readable, config: Json): AsyncGenerator<Json, void, void> {
  switch (memberOf(config, 'InputType') ?? 'JSON') {
    case 'CSV':
      return csvRows(body, config)
    case 'JSONL':
      return jsonLines(body)
    case 'JSON':
      return jsonElements(body)
    default:
      throw new MalformedItems(`There is no reader for InputType ${JSON.stringify(memberOf(config, 'InputType'))}.`)
  }
}

async function* jsonElements(body: Readable): AsyncGenerator<Json, void, void> {
  const parser = new JSONParser({ paths: ['$.*'], keepStack: false })
  let ready: Json[] = []
  let isList: boolean | null = null
  parser.onValue = ({ value, key }) => {
    isList ??= typeof key === 'number'
    ready.push(isList ? (value as Json) : { key: String(key), value: value as Json })
  }
  try {
    for await (const chunk of body) {
      parser.write(chunk as Buffer)
      yield* ready
      ready = []
    }
    if (!parser.isEnded) parser.end()
  } catch (error) {
    throw new MalformedItems(`The object is not the JSON that it should be: ${messageOf(error)}`)
  }
  yield* ready
}

const LONGEST_LINE = 10 * 1024 * 1024

async function* jsonLines(body: Readable): AsyncGenerator<Json, void, void> {
  let rest = ''
  let number = 0
  body.setEncoding('utf8')
  for await (const chunk of body) {
    const lines = (rest + (chunk as string)).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > LONGEST_LINE) throw new MalformedItems(`Line ${number + lines.length + 1} is too long.`)
    for (const line of lines) {
      number += 1
      if (line.trim() !== '') yield parsedLine(line, number)
    }
  }
  if (rest.trim() !== '') yield parsedLine(rest, number + 1)
}

function parsedLine(line: string, number: number): Json {
  try {
    return JSON.parse(line) as Json
  } catch (error) {
    throw new MalformedItems(`Line ${number} is no JSON: ${messageOf(error)}`)
  }
}

const DELIMITERS: Readonly<Record<string, string>> = { COMMA: ',', PIPE: '|', SEMICOLON: ';', SPACE: ' ', TAB: '\t' }

async function* csvRows(body: Readable, config: Json): AsyncGenerator<Json, void, void> {
  const given = memberOf(config, 'CSVHeaders')
  const parser = parseCsv({
    bom: true,
    columns: memberOf(config, 'CSVHeaderLocation') === 'GIVEN' && Array.isArray(given) ? given.map(String) : true,
    delimiter: DELIMITERS[String(memberOf(config, 'CSVDelimiter') ?? 'COMMA')] ?? ',',
    skip_empty_lines: true,
    relax_column_count: true,
  })
  body.on('error', (error) => parser.destroy(error))
  try {
    for await (const row of body.pipe(parser)) yield isObject(row as Json) ? (row as Json) : {}
  } catch (error) {
    throw new MalformedItems(`The object is not the CSV that it should be: ${messageOf(error)}`)
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
