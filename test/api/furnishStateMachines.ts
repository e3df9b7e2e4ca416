import type { GraphqlClient } from '../kit/graphqlClient.ts'
import { createMachine, startExecution, untilEnded } from '../kit/stateMachineDocuments.ts'

/** Gives an account machines, executions, a Map Run and an activity, and answers what only its owner can know. */
export async function furnishStateMachines(
  client: GraphqlClient,
  accountId: string,
): Promise<{ readonly mapRunArn: string; readonly taskTokens: [string, string] }> {
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
  const processor = { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, ...pass }
  const maps = await createMachine(client, 'maps', {
    StartAt: 'M',
    States: { M: { Type: 'Map', ItemProcessor: processor, End: true } },
  })
  const mapped = await startExecution(client, maps, ['secret'])
  const { history } = await untilEnded(client, mapped.execution.executionArn)
  const { details } = history.nodes.find(({ type }: { type: string }) => type === 'MapRunStarted')
  const taskTokens: [string, string] = [await fetchToken(client, activityArn), await fetchToken(client, activityArn)]
  return { mapRunArn: details.mapRunArn, taskTokens }
}

async function fetchToken(client: GraphqlClient, activityArn: string): Promise<string> {
  const { data } = await client.query(
    'mutation ($input: GetActivityTaskInput!) { getActivityTask(input: $input) { task { taskToken } } }',
    { input: { activityArn } },
  )
  return data.getActivityTask.task.taskToken
}
