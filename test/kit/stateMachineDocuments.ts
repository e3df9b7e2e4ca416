import type { GraphqlClient } from './graphqlClient.ts'

const ERRORS = 'userErrors { code message field }'
export const EXECUTION = 'executionArn name status input output error cause transitions redriveCount currentStates'

/** Creates a state machine and answers its ARN. Throws where it is refused. */
export async function createMachine(
  client: GraphqlClient,
  name: string,
  definition: object,
  more: object = {},
): Promise<string> {
  const { data, errors } = await client.query(
    `mutation ($input: CreateStateMachineInput!) { createStateMachine(input: $input) { stateMachine { stateMachineArn } ${ERRORS} } }`,
    { input: { name, definition, ...more } },
  )
  const payload = data?.createStateMachine
  if (payload?.stateMachine == null) throw new Error(JSON.stringify(payload?.userErrors ?? errors))
  return payload.stateMachine.stateMachineArn
}

/** So many states one after the other. Creates the machine and answers its ARN. */
export function createChain(
  client: GraphqlClient,
  name: string,
  state: object,
  length: number,
  more: object = {},
): Promise<string> {
  const states: Record<string, object> = {}
  for (let n = 1; n <= length; n += 1) {
    states[`S${n}`] = { ...state, ...(n === length ? { End: true } : { Next: `S${n + 1}` }) }
  }
  return createMachine(client, name, { StartAt: 'S1', States: states }, more)
}

/** Begins an execution; answers the payload. */
export async function startExecution(client: GraphqlClient, stateMachineArn: string, input: unknown = {}, more = {}) {
  const { data, errors } = await client.query(
    `mutation ($input: StartExecutionInput!) { startExecution(input: $input) { execution { ${EXECUTION} } ${ERRORS} } }`,
    { input: { stateMachineArn, inputText: JSON.stringify(input), ...more } },
  )
  if (data == null) throw new Error(JSON.stringify(errors))
  return data.startExecution
}

/** An execution with the first hundred events of its history. */
export async function readExecution(client: GraphqlClient, executionArn: string) {
  const { data, errors } = await client.query(
    `query ($arn: String!) { execution(executionArn: $arn) { ${EXECUTION}
      history(first: 100) { nodes { id previousEventId type details invocation { requestId } } } } }`,
    { arn: executionArn },
  )
  if (data == null) throw new Error(JSON.stringify(errors))
  return data.execution
}

/** Waits, by the stream of its events, until an execution has ended; answers it. */
export async function untilEnded(client: GraphqlClient, executionArn: string) {
  for await (const _event of client.subscribe(
    'subscription ($arn: String!) { executionEvents(executionArn: $arn) { id type } }',
    { arn: executionArn },
  ));
  return readExecution(client, executionArn)
}
