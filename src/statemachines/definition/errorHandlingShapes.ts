import { field, jsonataField, jsonPathField, offering, type Place, type Rule, shaped } from './shape.ts'
import type { JsonValue } from './types.ts'
import { aString, integer, jsonataTemplate, listOf, number, oneOf, resultPath } from './valueRules.ts'
import { assignments } from './variableRules.ts'

/**
 * Retriers and catchers.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */

const MAX_SECONDS = 99_999_999
const MAX_DELAY_SECONDS = 31_622_400

const errorNames: Rule = listOf(aString, { nonEmpty: true })

const retrier: Rule = (value, location, place) => {
  shaped({
    fields: {
      ErrorEquals: field(errorNames),
      IntervalSeconds: field(integer(1, MAX_SECONDS)),
      MaxAttempts: field(integer(0, MAX_SECONDS)),
      BackoffRate: field(number(1, Number.POSITIVE_INFINITY)),
      MaxDelaySeconds: field(integer(1, MAX_DELAY_SECONDS)),
      JitterStrategy: field(oneOf('NONE', 'FULL')),
      Comment: field(aString),
    },
    required: ['ErrorEquals'],
  })(value, location, place)
}

const catcher: Rule = shaped({
  fields: {
    ErrorEquals: field(errorNames),
    Next: field(aString),
    ResultPath: jsonPathField(resultPath),
    Assign: field(offering(assignments, 'errorOutput')),
    Output: jsonataField(offering(jsonataTemplate, 'errorOutput')),
    Comment: field(aString),
  },
  required: ['ErrorEquals', 'Next'],
})

/** `States.ALL` matches everything: what would stand beside or behind it could never match. */
function checkWildcard(list: readonly JsonValue[], location: string, { report }: Place): void {
  for (const [index, entry] of list.entries()) {
    const names = (entry as { ErrorEquals?: unknown } | null)?.ErrorEquals
    if (!Array.isArray(names)) continue
    const position = names.indexOf('States.ALL')
    if (position >= 0 && (names.length > 1 || index < list.length - 1))
      report.schema('States.ALL must appear alone and at end of list', `${location}[${index}]/ErrorEquals[${position}]`)
  }
}

const withWildcardLast =
  (rule: Rule): Rule =>
  (value, location, place) => {
    listOf(rule)(value, location, place)
    if (Array.isArray(value)) checkWildcard(value, location, place)
  }

export const retriers: Rule = withWildcardLast(retrier)
export const catchers: Rule = withWildcardLast(catcher)
