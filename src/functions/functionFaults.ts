import { UserFault } from '../errors.ts'
import { functionArn } from '../model/functionArn.ts'
import type { FunctionState, Scope } from '../model/records.ts'

const NAME_FIELD = ['input', 'functionName']

/** A function, version or alias that is not there. Source: recorded facts, no. 35, 58, 66, 72 and 77. */
export function functionNotFound(scope: Scope, name: string, qualifier: string | null = null): UserFault {
  return new UserFault('RESOURCE_NOT_FOUND', `Function not found: ${functionArn(scope, name, qualifier)}`, NAME_FIELD)
}

/** A name that is taken, in AWS's words. */
export function functionExists(name: string): UserFault {
  return new UserFault('RESOURCE_CONFLICT', `Function already exist: ${name}`, NAME_FIELD)
}

/** A revision that is not the latest one. Source: recorded facts, no. 55. */
export function revisionMismatch(): UserFault {
  const message =
    'The Revision Id provided does not match the latest Revision Id. ' +
    'Call the GetFunction/GetAlias API to retrieve the latest Revision Id'
  return new UserFault('PRECONDITION_FAILED', message, ['input', 'revisionId'])
}

/** Throws the fault of a revision that was given and is not the latest one. */
export function refuseOldRevision(given: string | null, latest: string): void {
  if (given !== null && given.toLowerCase() !== latest) throw revisionMismatch()
}

/** Code that is not what its publisher believes. Source: recorded facts, no. 56. */
export function codeMismatch(given: string, latest: string): UserFault {
  const message =
    `CodeSHA256 (${given}) is different from current CodeSHA256 in $LATEST (${latest}). ` +
    'Please try again with the CodeSHA256 in $LATEST.'
  return new UserFault('INVALID_PARAMETER_VALUE', message, ['input', 'codeSha256'])
}

/** A function that cannot be used as long as it is in its state: AWS's words, and the reason behind them. */
export function wrongState(state: FunctionState, reason: string | null): UserFault {
  const name = state.charAt(0) + state.slice(1).toLowerCase()
  const message = `The operation cannot be performed at this time. The function is currently in the following state: ${name}`
  return new UserFault('RESOURCE_CONFLICT', reason === null ? message : `${message}. ${reason}`, NAME_FIELD)
}

/** A version that aliases point to cannot go, in AWS's words. */
export function versionInUse(aliasNames: readonly string[]): UserFault {
  const message = `Unable to delete version because the following aliases reference it: [${aliasNames.join(', ')}]`
  return new UserFault('RESOURCE_CONFLICT', message, ['input', 'qualifier'])
}

/** Only a function as a whole takes its `$LATEST` along. Source: recorded facts, no. 37. */
export function latestNotDeletable(): UserFault {
  const message = '$LATEST version cannot be deleted without deleting the function.'
  return new UserFault('INVALID_PARAMETER_VALUE', message, ['input', 'qualifier'])
}

/** A qualifier that can only be an alias. Source: recorded facts, no. 37. */
export function aliasNotDeletable(): UserFault {
  const message = 'Deletion of aliases is not currently supported.'
  return new UserFault('INVALID_PARAMETER_VALUE', message, ['input', 'qualifier'])
}

/** An alias's name that is taken. Source: recorded facts, no. 67. */
export function aliasExists(scope: Scope, functionName: string, name: string): UserFault {
  const message = `Alias already exists: ${functionArn(scope, functionName, name)}`
  return new UserFault('RESOURCE_CONFLICT', message, ['input', 'name'])
}

/** An alias that cannot be changed because there is none. Source: recorded facts, no. 68. */
export function aliasNotFound(scope: Scope, functionName: string, name: string): UserFault {
  const message = `Alias not found: ${functionArn(scope, functionName, name)}`
  return new UserFault('RESOURCE_NOT_FOUND', message, ['input', 'name'])
}

/** An alias that a request is about and that is not there. Source: recorded facts, no. 68. */
export function aliasArnNotFound(scope: Scope, functionName: string, name: string): UserFault {
  const message = `Cannot find alias arn: ${functionArn(scope, functionName, name)}`
  return new UserFault('RESOURCE_NOT_FOUND', message, ['input', 'qualifier'])
}
