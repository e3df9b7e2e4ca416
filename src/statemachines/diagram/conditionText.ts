import { expressionIn } from '../definition/jsonataSyntax.ts'
import type { ChoiceRule, Comparison, QueryLanguage } from '../definition/types.ts'

const SIGNS: readonly (readonly [suffix: string, sign: string])[] = [
  ['LessThanEquals', '≤'],
  ['GreaterThanEquals', '≥'],
  ['LessThan', '<'],
  ['GreaterThan', '>'],
  ['Equals', '='],
  ['Matches', 'like'],
]

/** A choice's condition as people would write it: `$.total > 100 and $.country = "CH"`. */
export function conditionText(rule: ChoiceRule, language: QueryLanguage): string {
  if (language === 'JSONata' || 'Condition' in rule) {
    const condition = (rule as { Condition?: unknown }).Condition
    return typeof condition === 'string' ? (expressionIn(condition) ?? condition) : String(condition ?? '')
  }
  return comparisonText(rule as Comparison, false)
}

function comparisonText(comparison: Comparison, isInside: boolean): string {
  if ('And' in comparison) return joined(comparison.And, 'and', isInside)
  if ('Or' in comparison) return joined(comparison.Or, 'or', isInside)
  if ('Not' in comparison) return `not ${comparisonText(comparison.Not, true)}`
  const { Variable: variable, ...rest } = comparison
  const operator = Object.keys(rest).find((key) => !['Next', 'Assign', 'Output', 'Comment'].includes(key)) ?? ''
  const operand = (rest as Readonly<Record<string, unknown>>)[operator]
  if (operator.startsWith('Is')) return `${variable} is ${operand === false ? 'not ' : ''}${wordOf(operator)}`
  const isPath = operator.endsWith('Path')
  const name = isPath ? operator.slice(0, -'Path'.length) : operator
  const sign = SIGNS.find(([suffix]) => name.endsWith(suffix))?.[1] ?? name
  return `${variable} ${sign} ${isPath ? String(operand) : JSON.stringify(operand)}`
}

function joined(comparisons: readonly Comparison[], word: string, isInside: boolean): string {
  const text = comparisons.map((comparison) => comparisonText(comparison, true)).join(` ${word} `)
  return isInside && comparisons.length > 1 ? `(${text})` : text
}

function wordOf(test: string): string {
  const word = test.slice(2).toLowerCase()
  return ['numeric', 'present', 'null'].includes(word) ? word : `a ${word}`
}
