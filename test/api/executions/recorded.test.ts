import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/model/clock.ts'
import type { Json } from '../../../src/statemachines/data/json.ts'
import { createFeatureReport } from '../../kit/asl/featureReport.ts'
import { differences, type Played } from '../../kit/asl/matchesRecording.ts'
import { type RecordedExecution, recordedExecutions } from '../../kit/asl/recordedExecutions.ts'
import { type GraphqlClient, graphqlClient } from '../../kit/graphqlClient.ts'
import { createMachine, startExecution, untilEnded } from '../../kit/stateMachineDocuments.ts'
import { startTestService, type TestService } from '../../kit/testService.ts'

/** Waits and timeouts of seconds pass in a fourth of them; faster, a busy machine would lose its lease. */
const SPEED = 4

const report = createFeatureReport()
let service: TestService
let client: GraphqlClient
let accountId: string

beforeAll(async () => {
  service = await startTestService({ clock: systemClock(SPEED) })
  client = graphqlClient(service.url, service.token)
  accountId = (await client.query('{ viewer { account { accountId } } }')).data.viewer.account.accountId
  const files = new Set(
    recordedExecutions().flatMap(({ lambdas = [] }) => lambdas.map(({ handlerFile }) => handlerFile)),
  )
  await Promise.all([...files].map(deploy))
})
afterAll(async () => {
  process.stdout.write(`\nRecorded executions that pass, by feature:\n${report}\n`)
  await client.close()
  await service[Symbol.asyncDispose]()
})

/** The recorded functions were called by ids of their tests: here each is called for what it does. */
const nameOf = (handlerFile: string) => basename(handlerFile, '.py')

async function deploy(handlerFile: string): Promise<void> {
  const functionName = nameOf(handlerFile)
  const content = readFileSync(new URL(`../../fixtures/asl/functions/${functionName}.py`, import.meta.url), 'utf8')
  const { data } = await client.query(
    'mutation ($input: CreateFunctionInput!) { createFunction(input: $input) { userErrors { message } } }',
    {
      input: {
        functionName,
        runtime: 'PYTHON3_11',
        handler: 'handler.handler',
        timeoutSeconds: 900,
        code: { files: [{ path: 'handler.py', content }] },
      },
    },
  )
  expect(data.createFunction.userErrors).toEqual([])
}

/** A case as it is in this account, with its functions as they are called here. */
function localised(recorded: RecordedExecution): RecordedExecution {
  let text = JSON.stringify(recorded)
  for (const { functionName, handlerFile } of recorded.lambdas ?? []) {
    text = text.replaceAll(functionName, nameOf(handlerFile))
  }
  const here = JSON.parse(text.replaceAll('111111111111', accountId)) as RecordedExecution
  return here.input === undefined ? here : { ...here, input: seenFromNow(here.input) }
}

/** When the inputs were written down: a time ahead of it is meant to be as far ahead of the run. */
const WRITTEN_DOWN_AT_MS = Date.UTC(2026, 10, 23, 5, 3, 15)

function seenFromNow(input: Json): Json {
  const passedMs = Date.now() - WRITTEN_DOWN_AT_MS
  const text = JSON.stringify(input).replaceAll(/(?<=")\d{4}-\d{2}-\d{2}T[\d:.]+Z(?=")/g, (time) => {
    const atMs = Date.parse(time)
    return atMs > WRITTEN_DOWN_AT_MS ? new Date(atMs + passedMs).toISOString() : time
  })
  return JSON.parse(text) as Json
}

const EVENTS = `query ($arn: String!, $after: String) { execution(executionArn: $arn) {
  history(first: 100, after: $after) { nodes { id previousEventId type details } pageInfo { hasNextPage endCursor } }
} }`

interface HistoryPage {
  readonly nodes: Played['history']
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string }
}

async function wholeHistory(arn: string) {
  const events: Played['history'][number][] = []
  for (let after: string | null = null; ; ) {
    const { nodes, pageInfo }: HistoryPage = (await client.query(EVENTS, { arn, after })).data.execution.history
    events.push(...nodes)
    if (!pageInfo.hasNextPage) return events
    after = pageInfo.endCursor
  }
}

describe.concurrent('an execution that AWS recorded goes here as it went there', () => {
  it.each(recordedExecutions().map((recorded, index) => [recorded.id, index, recorded] as const))(
    '%s',
    async (_id, index, original) => {
      const recorded = localised(original)
      let found: string[] = ['it did not end']
      try {
        const arn = await createMachine(client, `recorded-${index}`, recorded.definition, {
          type: recorded.machineType,
        })
        const { execution, userErrors } = await startExecution(client, arn, recorded.input ?? {})
        expect(userErrors).toEqual([])
        const ended = await untilEnded(client, execution.executionArn)
        found = differences(recorded, { ...ended, history: await wholeHistory(execution.executionArn) })
        expect(found).toEqual([])
      } finally {
        report.add(original.features, found.length === 0)
      }
    },
  )
})
