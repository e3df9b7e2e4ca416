import {
  byLanguage,
  field,
  jsonataField,
  jsonPathField,
  type Rule,
  type Shape,
  type ShapeField,
  shaped,
} from './shape.ts'
import { COMPARISON_OPERATORS, type ComparisonOperator, TYPE_TESTS } from './types.ts'
import { aBoolean, aNumber, aString, expression, listOf, referencePath, template, timestamp } from './valueRules.ts'
import { assignments } from './variableRules.ts'

/**
 * Choice rules of both query languages.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html
 */

const KINDS = ['And', 'Or', 'Not', 'Variable', 'Condition'] as const

function operandRule(operator: ComparisonOperator): Rule {
  if ((TYPE_TESTS as readonly string[]).includes(operator) || operator === 'BooleanEquals') return aBoolean
  if (operator.endsWith('Path')) return referencePath
  if (operator.startsWith('Numeric')) return aNumber
  return operator.startsWith('Timestamp') ? timestamp : aString
}

const operators: Readonly<Record<string, ShapeField>> = Object.fromEntries(
  COMPARISON_OPERATORS.map((operator) => [operator, jsonPathField(operandRule(operator))]),
)

const nested: Rule = (value, location, place) => comparison(value, location, place)

const comparisonFields: Readonly<Record<string, ShapeField>> = {
  And: jsonPathField(listOf(nested, { nonEmpty: true })),
  Or: jsonPathField(listOf(nested, { nonEmpty: true })),
  Not: jsonPathField(nested),
  Variable: jsonPathField(referencePath),
  ...operators,
  Condition: jsonataField((value, location, place) =>
    (typeof value === 'boolean' ? aBoolean : expression)(value, location, place),
  ),
  Comment: field(aString),
}

const kindsShape: Pick<Shape, 'exactlyOne'> = { exactlyOne: [[...KINDS]] }

/** A comparison inside another: it leads nowhere by itself. */
const comparison: Rule = shaped((value) => ({
  fields: comparisonFields,
  exactlyOne: Object.hasOwn(value, 'Variable') ? [[...KINDS], COMPARISON_OPERATORS] : (kindsShape.exactlyOne ?? []),
}))

export const choiceRule: Rule = shaped((value) => ({
  fields: {
    ...comparisonFields,
    Next: field(aString),
    Assign: field(assignments),
    Output: jsonataField(byLanguage({ JSONPath: template, JSONata: template })),
  },
  required: ['Next'],
  exactlyOne: Object.hasOwn(value, 'Variable') ? [[...KINDS], COMPARISON_OPERATORS] : (kindsShape.exactlyOne ?? []),
}))
