import { withoutUserErrors } from '../lib/service.mjs'

const START = /* GraphQL */ `
  mutation ($input: StartExecutionInput!) {
    startExecution(input: $input) { execution { executionArn } userErrors { code message field } }
  }`
const LOOK = /* GraphQL */ `
  query ($arn: String!, $after: String) {
    execution(executionArn: $arn) {
      status output error cause cost
      states { name type status visits durationMs cost }
      history(first: 100, after: $after) {
        nodes { id type timestamp details } pageInfo { endCursor hasNextPage }
      }
    }
  }`
const APPROVE = /* GraphQL */ `
  mutation ($input: SendTaskSuccessInput!) { sendTaskSuccess(input: $input) { userErrors { code message field } } }`
const REFUSE = /* GraphQL */ `
  mutation ($input: SendTaskFailureInput!) { sendTaskFailure(input: $input) { userErrors { code message field } } }`

/** Begins an order; its name is the order's id. Answers the execution's ARN. */
export async function placeOrder(service, stateMachineArn, order, name) {
  const { startExecution } = await service.execute(START, { input: { stateMachineArn, name, input: order } })
  return withoutUserErrors('startExecution', startExecution).execution.executionArn
}

/** An order as it stands, with the events behind a cursor. */
export async function lookAtOrder(service, executionArn, after = null) {
  const { execution } = await service.execute(LOOK, { arn: executionArn, after })
  return execution
}

/** The token of an order that waits for approval, out of its history; null where it does not. */
export function tokenOf(events) {
  const asked = events.filter(
    ({ type, details }) => type === 'TaskScheduled' && details.resource === 'invoke.waitForTaskToken',
  )
  if (asked.length === 0) return null
  return JSON.parse(asked.at(-1).details.parameters).Payload.taskToken
}

/** Decides on an order that waits. */
export async function decide(service, taskToken, isApproved, by) {
  const { sendTaskSuccess, sendTaskFailure } = isApproved
    ? await service.execute(APPROVE, { input: { taskToken, output: { approvedBy: by } } })
    : await service.execute(REFUSE, { input: { taskToken, error: 'NotApproved', cause: `${by} said no` } })
  withoutUserErrors('the decision', sendTaskSuccess ?? sendTaskFailure)
}
