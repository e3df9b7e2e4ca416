/**
 * A member of an API's answer as a Task's result names it: with a capital, `ExecutionArn`; of an `aws-sdk:` integration
 * as the SDK for Java does, so that `DBClusters` is `DbClusters`.
 * https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
 */
export function integrationName(member: string, isSdk: boolean): string {
  const [plain, java] = namesOf(member)
  return isSdk ? java : plain
}

/** Both names that a member can have in results. */
export function namesOf(member: string): [plain: string, java: string] {
  const words = member.match(/[A-Z]{2,}(?![a-z])|[A-Z]?[a-z]+|[A-Z]|\d+/g) ?? [member]
  return [capitalised(member), words.map((word) => capitalised(word.toLowerCase())).join('')]
}

const capitalised = (word: string) => `${word[0]!.toUpperCase()}${word.slice(1)}`
