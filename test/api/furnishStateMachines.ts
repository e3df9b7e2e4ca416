import type { GraphqlClient } from '../kit/graphqlClient.ts'
import { createMachine, startExecution, untilEnded } from '../kit/stateMachineDocuments.ts'

/** Gives an account machines, executions and an activity, and answers the tokens of two tasks that wait. */
export async function furnishStateMachines(client: GraphqlClient, accountId: string): Promise<[string, string]> {
  const activityArn = `arn:aws:states:us-east-1:${accountId}:activity:work`
  await client.query('mutation { createActivity(input: { name: "work" }) { userErrors { code } } }')
  const work = { Type: 'Task', Resource: activityArn, End: true }
  const steps = await createMachine(client, 'steps', { StartAt: 'Work', States: { Work: work } })
  const pass = { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } }
  await createMachine(client, 'quick', pass, { type: 'EXPRESS' })
  const fails = await createMachine(client, 'fails', { StartAt: 'F', States: { F: { Type: 'Fail' } } })
  const failed = await startExecution(client, fails, { secret: 'input' }, { name: 'failed' })
  await untilEnded(client, failed.execution.executionArn)
  for (const name of ['one', 'two', 'three', 'four']) await startExecution(client, steps, { secret: 'input' }, { name })
  return [await fetchToken(client, activityArn), await fetchToken(client, activityArn)]
}

async function fetchToken(client: GraphqlClient, activityArn: string): Promise<string> {
  const { data } = await client.query(
    'mutation ($input: GetActivityTaskInput!) { getActivityTask(input: $input) { task { taskToken } } }',
    { input: { activityArn } },
  )
  return data.getActivityTask.task.taskToken
}
