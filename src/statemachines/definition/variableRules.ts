import type { Rule } from './shape.ts'
import { isObject } from './shape.ts'
import { template } from './valueRules.ts'

/**
 * Variables that states assign.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
 */

const MAX_NAME_LENGTH = 80
const NAME = /^[\p{L}_][\p{L}\p{M}\p{N}_]*$/u

/** The variable that a field of Assign sets: `name` or, in JSONPath, `name.$`. */
export function variableOf(key: string): string {
  return key.endsWith('.$') ? key.slice(0, -2) : key
}

export const assignments: Rule = (value, location, place) => {
  const { report } = place
  if (!isObject(value)) return report.schema('Expected value of type [OBJECT]', location)
  for (const key of Object.keys(value)) {
    const name = variableOf(key)
    if (name === 'states')
      report.error('RESERVED_VARIABLE_NAME', "Cannot assign to reserved variable '$states'.", location)
    else if (!NAME.test(name))
      report.error(
        'INVALID_VARIABLE_NAME',
        `Invalid variable name '${name}': the variable name contains invalid characters.`,
        location,
      )
    else if ([...name].length > MAX_NAME_LENGTH)
      report.error(
        'INVALID_VARIABLE_NAME',
        `Invalid variable name '${name}': the variable name exceeds the ${MAX_NAME_LENGTH}-character limit.`,
        location,
      )
  }
  template(value, location, place)
}
