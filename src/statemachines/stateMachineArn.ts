import type { Scope } from '../model/records.ts'

const PARTITION = 'arn:aws:states'

/** ARN of a state machine; with a qualifier, of a version or an alias of it. */
export function stateMachineArn({ region, accountId }: Scope, name: string, qualifier: string | number | null = null) {
  const base = `${PARTITION}:${region}:${accountId}:stateMachine:${name}`
  return qualifier === null ? base : `${base}:${qualifier}`
}

/** ARN of an execution. Names of Express executions may repeat: the id tells them apart. */
export function executionArn(
  { region, accountId }: Scope,
  type: 'STANDARD' | 'EXPRESS',
  machineName: string,
  name: string,
  id: string,
): string {
  const prefix = `${PARTITION}:${region}:${accountId}`
  return type === 'STANDARD'
    ? `${prefix}:execution:${machineName}:${name}`
    : `${prefix}:express:${machineName}:${name}:${id}`
}

export function activityArn({ region, accountId }: Scope, name: string): string {
  return `${PARTITION}:${region}:${accountId}:activity:${name}`
}

/** A state machine as callers name it. */
export interface StateMachineReference {
  readonly name: string
  /** A version number or the name of an alias; null for the state machine itself. */
  readonly qualifier: string | null
}

const NAME = '[^\\s:/<>{}\\[\\]?*"#%\\\\^|~`$&,;]{1,80}'
const MACHINE = new RegExp(`^arn:aws[\\w-]*:states:([^:]+):(\\d{12}):stateMachine:(${NAME})(?::([\\w.-]{1,80}))?$`)
const EXECUTION = new RegExp(
  `^arn:aws[\\w-]*:states:([^:]+):(\\d{12}):execution:(${NAME})(?:/[\\w-]{1,40})?:(${NAME})$`,
)
const EXPRESS = new RegExp(`^arn:aws[\\w-]*:states:([^:]+):(\\d{12}):express:(${NAME}):(${NAME}):([0-9a-f-]{36})$`)
const ACTIVITY = new RegExp(`^arn:aws[\\w-]*:states:([^:]+):(\\d{12}):activity:(${NAME})$`)

const SHORT_MACHINE = new RegExp(`^(${NAME})(?::([\\w.-]{1,80}))?$`)
const SHORT_EXECUTION = new RegExp(`^(${NAME}):(${NAME})$`)

/** `name` and `name:qualifier` stand for ARNs of this account and region. Null for what is neither. */
export function parseStateMachineArn(arn: string, scope: Scope): StateMachineReference | null {
  const [, shortName, shortQualifier = null] = SHORT_MACHINE.exec(arn) ?? []
  if (shortName !== undefined && !arn.startsWith('arn:')) return { name: shortName, qualifier: shortQualifier }
  const [, region, accountId, name, qualifier = null] = MACHINE.exec(arn) ?? []
  return name !== undefined && isOf(scope, region, accountId) ? { name, qualifier } : null
}

/** What an execution's ARN says, or `machine:name`; `id` only where it is an Express one. Null for what is neither. */
export function parseExecutionArn(
  arn: string,
  scope: Scope,
): { readonly machineName: string; readonly name: string; readonly id: string | null } | null {
  const [, shortMachine, shortName] = SHORT_EXECUTION.exec(arn) ?? []
  if (shortMachine !== undefined && shortName !== undefined) {
    return { machineName: shortMachine, name: shortName, id: null }
  }
  const [, region, accountId, machineName, name, id = null] = EXECUTION.exec(arn) ?? EXPRESS.exec(arn) ?? []
  return machineName !== undefined && name !== undefined && isOf(scope, region, accountId)
    ? { machineName, name, id }
    : null
}

/** The name of an activity of this account and region, or null. */
export function parseActivityArn(arn: string, scope: Scope): string | null {
  const [, region, accountId, name] = ACTIVITY.exec(arn) ?? []
  return name !== undefined && isOf(scope, region, accountId) ? name : null
}

const isOf = (scope: Scope, region: string | undefined, accountId: string | undefined) =>
  region === scope.region && accountId === scope.accountId
