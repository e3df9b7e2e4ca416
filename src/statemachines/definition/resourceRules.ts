import { OPTIMIZED_INTEGRATIONS } from './serviceIntegrations.ts'
import type { Rule } from './shape.ts'
import { aString } from './valueRules.ts'

/**
 * What a Task may call.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html
 */

const INTEGRATION = /^arn:aws[a-z-]*:states:[a-z0-9-]*:\d*:([a-z0-9-]+):(.+)$/
// AWS does not look whether region and account could be any: `arn:aws:lambda:your-region:your-account:function:f` passes.
const FUNCTION = /^arn:aws[a-z-]*:lambda:[^:\s]+:[^:\s]+:function:[^:\s]+(?::[^:\s]+)?$/
const ACTIVITY = /^arn:aws[a-z-]*:states:[^:\s]+:[^:\s]+:activity:[^:\s]+$/
const SDK_ACTION = /^[a-z0-9]+:[a-z][A-Za-z0-9]*(\.waitForTaskToken)?$/
const PATTERN = /\.(sync(?::2)?|waitForTaskToken)$/

export function isActivityArn(resource: string): boolean {
  return ACTIVITY.test(resource)
}

function isKnown(resource: string): boolean {
  if (FUNCTION.test(resource) || isActivityArn(resource)) return true
  const [, service, action] = INTEGRATION.exec(resource) ?? []
  if (service === undefined || action === undefined) return false
  if (service === 'aws-sdk') return SDK_ACTION.test(action)
  const pattern = PATTERN.exec(action)
  const name = pattern === null ? action : action.slice(0, pattern.index)
  const actions = Object.hasOwn(OPTIMIZED_INTEGRATIONS, service) ? OPTIMIZED_INTEGRATIONS[service]! : {}
  const patterns = Object.hasOwn(actions, name) ? actions[name] : undefined
  return patterns !== undefined && (pattern === null || patterns.some((offered) => offered === pattern[1]))
}

/** A function, an activity, a service's action: one that exists, in a pattern that the machine's type allows. */
export const taskResource: Rule = (value, location, place) => {
  const { report, machineType } = place
  if (typeof value !== 'string') return aString(value, location, place)
  if (!value.startsWith('arn:')) return report.schema('Value is not a valid resource ARN', location)
  if (!isKnown(value))
    return report.schema(
      `The resource provided ${value} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.`,
      location,
    )
  if (machineType === 'STANDARD') return
  const pattern = INTEGRATION.test(value) ? PATTERN.exec(value)?.[1] : undefined
  if (pattern !== undefined) {
    const name = pattern === 'waitForTaskToken' ? pattern : 'sync'
    // The blank at the end is AWS's.
    report.schema(`Express state machine does not support '.${name}' service integration `, location)
  } else if (isActivityArn(value)) report.schema('Express state machine does not support Activity ARN', location)
}
