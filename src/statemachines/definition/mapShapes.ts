import { byLanguage, field, isObject, jsonataField, jsonPathField, type Rule, shaped } from './shape.ts'
import {
  aString,
  expressionOr,
  integer,
  jsonataTemplate,
  listOf,
  objectTemplate,
  oneOf,
  payloadTemplate,
  referencePath,
  template,
} from './valueRules.ts'

/**
 * What a distributed Map reads, groups and writes.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
 */

const MAX_BATCH_BYTES = 262_144

/** A resource that must be one of a few integrations, in any partition. */
function resourceAmong(...names: readonly string[]): Rule {
  return (value, location, place) => {
    if (typeof value !== 'string') return aString(value, location, place)
    const [, name] = /^arn:aws[a-z-]*:states:::(.+)$/.exec(value) ?? []
    if (name === undefined || !names.includes(name))
      place.report.schema("The field 'Resource' does not match any of the allowed values", location)
  }
}

const readerConfig: Rule = shaped((config, { language }) => {
  const isCsv = config['InputType'] === 'CSV'
  return {
    fields: {
      InputType: field(oneOf('CSV', 'JSON', 'JSONL', 'PARQUET', 'MANIFEST')),
      Transformation: field(oneOf('NONE', 'LOAD_AND_FLATTEN')),
      ManifestType: field(oneOf('ATHENA_DATA', 'S3_INVENTORY')),
      // The headers of a listing that is flattened belong to its objects, whatever those are.
      ...((isCsv || config['InputType'] === undefined || config['InputType'] === 'MANIFEST') && {
        CSVDelimiter: field(oneOf('COMMA', 'PIPE', 'SEMICOLON', 'SPACE', 'TAB')),
        CSVHeaderLocation: field(oneOf('FIRST_ROW', 'GIVEN')),
        CSVHeaders: field(listOf(aString)),
      }),
      ItemsPointer: field(aString),
      MaxItems: field(expressionOr(integer(1, 100_000_000))),
      MaxItemsPath: jsonPathField(referencePath),
    },
    required: config['CSVHeaderLocation'] === 'GIVEN' ? ['CSVHeaders'] : [],
    atMostOne: language === 'JSONPath' ? [['MaxItems', 'MaxItemsPath']] : [],
  }
})

const readerConfigWithHeaders: Rule = (value, location, place) => {
  readerConfig(value, location, place)
  if (isObject(value) && value['InputType'] === 'CSV' && !Object.hasOwn(value, 'CSVHeaderLocation'))
    place.report.schema("The field 'CSVHeaderLocation' is required", location)
}

export const itemReader: Rule = shaped({
  fields: {
    Resource: field(resourceAmong('s3:getObject', 's3:listObjectsV2')),
    ReaderConfig: field(readerConfigWithHeaders),
    Parameters: jsonPathField(payloadTemplate),
    Arguments: jsonataField(jsonataTemplate),
  },
  required: ['Resource'],
})

export const itemBatcher: Rule = shaped({
  fields: {
    BatchInput: field(template),
    MaxItemsPerBatch: field(expressionOr(integer(1, Number.MAX_SAFE_INTEGER))),
    MaxItemsPerBatchPath: jsonPathField(referencePath),
    MaxInputBytesPerBatch: field(expressionOr(integer(1, MAX_BATCH_BYTES))),
    MaxInputBytesPerBatchPath: jsonPathField(referencePath),
  },
  atMostOne: [
    ['MaxItemsPerBatch', 'MaxItemsPerBatchPath'],
    ['MaxInputBytesPerBatch', 'MaxInputBytesPerBatchPath'],
  ],
})

export const resultWriter: Rule = shaped((writer, { language }) => ({
  fields: {
    Resource: field(resourceAmong('s3:putObject')),
    Parameters: jsonPathField(payloadTemplate),
    Arguments: jsonataField(jsonataTemplate),
    WriterConfig: field(
      shaped({
        fields: {
          Transformation: field(oneOf('NONE', 'COMPACT', 'FLATTEN')),
          OutputType: field(oneOf('JSON', 'JSONL')),
        },
        required: ['Transformation', 'OutputType'],
      }),
    ),
  },
  required: Object.hasOwn(writer, 'Resource')
    ? [language === 'JSONPath' ? 'Parameters' : 'Arguments']
    : Object.hasOwn(writer, 'WriterConfig')
      ? []
      : ['Resource'],
}))

/** The items themselves: a list or an object, or an expression that makes one. */
export const items: Rule = (value, location, place) => {
  if (Array.isArray(value)) return jsonataTemplate(value, location, place)
  objectTemplate(value, location, place)
}

export const itemSelector: Rule = byLanguage({ JSONPath: objectTemplate, JSONata: objectTemplate })
