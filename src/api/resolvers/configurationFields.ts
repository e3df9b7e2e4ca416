import type { VersionRecord } from '../../model/records.ts'
import { runtimeEnumName } from '../../model/runtime.ts'

/**
 * The resolvers of `FunctionConfiguration` that read alike on its two types; `configurationOf` finds the version in
 * the parent. The ARN and the version differ and are not among them.
 */
export function configurationFields<Parent>(configurationOf: (parent: Parent) => VersionRecord) {
  const field =
    <Result>(read: (version: VersionRecord) => Result) =>
    (parent: Parent) =>
      read(configurationOf(parent))
  return {
    description: field(({ description }) => description),
    runtime: field(({ runtime }) => runtimeEnumName(runtime)),
    handler: field(({ handler }) => handler),
    memoryMiB: field(({ memoryMiB }) => memoryMiB),
    timeoutSeconds: field(({ timeoutSeconds }) => timeoutSeconds),
    ephemeralStorageMiB: field(({ ephemeralStorageMiB }) => ephemeralStorageMiB),
    networkAccess: field(({ networkAccess }) => networkAccess),
    environment: field(({ environment }) => Object.entries(environment).map(([name, value]) => ({ name, value }))),
    deadLetterTargetArn: field(({ deadLetterTargetArn }) => deadLetterTargetArn),
    architecture: field(({ architecture }) => architecture),
    codeSha256: field(({ codeSha256 }) => Buffer.from(codeSha256, 'hex').toString('base64')),
    codeSizeBytes: field(({ codeSizeBytes }) => codeSizeBytes),
    layers: field(({ layers }) => [...layers]),
    revisionId: field(({ revisionId }) => revisionId),
    state: field(({ state }) => state),
    stateReason: field(({ stateReason }) => stateReason),
    lastModified: field(({ lastModified }) => lastModified),
  }
}
