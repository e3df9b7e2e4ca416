import { UserFault } from '../errors.ts'
import type { Json } from './data/json.ts'
import { DEEPEST_NESTING, isTooDeep } from './data/nesting.ts'

/** What names of state machines, executions and activities may not have. */
const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]/u

/** Throws where a name is none: 1 to 80 characters, none of those that AWS refuses. */
export function checkName(name: string): void {
  if (name.length >= 1 && name.length <= 80 && !FORBIDDEN.test(name)) return
  throw new UserFault('INVALID_NAME', `Invalid Name: '${name}'`, ['input', 'name'])
}

/** The largest input, in bytes. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const LARGEST_INPUT_BYTES = 262_144

/** The input of an execution. Throws where it is no JSON, or too large. */
export function parseInput(text: string): Json {
  if (Buffer.byteLength(text) > LARGEST_INPUT_BYTES) {
    const message = `Invalid State Machine Execution Input: 'The input has more than ${LARGEST_INPUT_BYTES} bytes'`
    throw new UserFault('INVALID_EXECUTION_INPUT', message, ['input', 'input'])
  }
  if (isTooDeep(text)) {
    const message = `Invalid State Machine Execution Input: 'The input is nested more than ${DEEPEST_NESTING} deep'`
    throw new UserFault('INVALID_EXECUTION_INPUT', message, ['input', 'input'])
  }
  try {
    return JSON.parse(text) as Json
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new UserFault('INVALID_EXECUTION_INPUT', `Invalid State Machine Execution Input: '${reason}'`, [
      'input',
      'input',
    ])
  }
}

export function noSuchMachine(arn: string): UserFault {
  return new UserFault('STATE_MACHINE_DOES_NOT_EXIST', `State Machine Does Not Exist: '${arn}'`)
}

export function noSuchExecution(arn: string): UserFault {
  return new UserFault('EXECUTION_DOES_NOT_EXIST', `Execution Does Not Exist: '${arn}'`)
}

export function invalidArn(arn: string): UserFault {
  return new UserFault('INVALID_ARN', `Invalid Arn: '${arn}'`)
}
