import type { Scope } from './records.ts'
import { versionName } from './version.ts'

/** `arn:aws:lambda:<region>:<account>:function:<name>[:<qualifier>]`; null leaves the qualifier out. */
export function functionArn(scope: Scope, functionName: string, qualifier: string | null = null): string {
  const unqualified = `arn:aws:lambda:${scope.region}:${scope.accountId}:function:${functionName}`
  return qualifier === null ? unqualified : `${unqualified}:${qualifier}`
}

/** The ARN of a version, which ends with its number or with `$LATEST`. */
export function versionArn(version: {
  readonly scope: Scope
  readonly functionName: string
  readonly number: number
}): string {
  return functionArn(version.scope, version.functionName, versionName(version.number))
}
