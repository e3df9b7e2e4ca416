import type pg from 'pg'
import type { GraphqlClient } from '../../kit/graphqlClient.ts'
import { createMachine } from '../../kit/stateMachineDocuments.ts'
import type { LoadRequest } from './httpLoad.ts'

const START = `mutation ($input: StartExecutionInput!) {
  startExecution(input: $input) { execution { executionArn } userErrors { code message } }
}`

type States = Readonly<Record<string, object>>

/** A distributed Map whose items each are an express execution of one Pass state. */
export function createMap(client: GraphqlClient, name: string): Promise<string> {
  const processor: States = { Item: { Type: 'Pass', End: true } }
  const map = {
    Type: 'Map',
    ItemsPath: '$.items',
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
      StartAt: 'Item',
      States: processor,
    },
    ResultPath: null,
    End: true,
  }
  return createMachine(client, name, { StartAt: 'Each', States: { Each: map } })
}

/** The request that begins an execution. */
export function startRequest(url: string, token: string, stateMachineArn: string, input: unknown = {}): LoadRequest {
  const variables = { input: { stateMachineArn, inputText: JSON.stringify(input) } }
  return {
    url: `${url}/graphql`,
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: START, variables }),
    expects: '"userErrors":[]',
  }
}

/** Waits until nothing runs. Throws where an execution has not succeeded. */
export async function untilAllEnded(database: pg.Pool): Promise<void> {
  for (;;) {
    const { rows } = await database.query<{ status: string }>(
      `SELECT status FROM execution WHERE status <> 'SUCCEEDED' LIMIT 1`,
    )
    if (rows.length === 0) return
    if (rows[0]!.status !== 'RUNNING') throw new Error(`an execution ${rows[0]!.status}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
