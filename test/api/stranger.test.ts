import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import yazl from 'yazl'
import { type AccessTokens, createAccessTokens } from '../../src/access/tokens.ts'
import { GLOBAL_TYPES, globalId } from '../../src/api/globalId.ts'
import { createSchema } from '../../src/api/schema.ts'
import { systemClock } from '../../src/model/clock.ts'
import { type GraphqlClient, type GraphqlResult, graphqlClient } from '../kit/graphqlClient.ts'
import { createNodeFunction, enqueue, eventsUntilDone, invoke } from '../kit/invocationDocuments.ts'
import { startTestService, type TestService } from '../kit/testService.ts'
import { furnishStateMachines } from './furnishStateMachines.ts'
import { STATE_MACHINE_CASES } from './stateMachineStrangerCases.ts'
import { type Named, STRANGER_CASES, type StrangerCase } from './strangerCases.ts'

const CODE = 'export const handler = async () => { console.log("secret words"); return "secret result" }'
const ALL_CASES = { ...STRANGER_CASES, ...STATE_MACHINE_CASES }
const CASES = Object.entries(ALL_CASES).flatMap(([field, cases]) =>
  cases.map((each, index) => [`${field}, case ${index + 1}`, each] as const),
)

/** Everything of an account that its owner can see. */
const ALL = `{
  viewer { account { accessTokens { nodes { id revokedAt } } } }
  functions { nodes {
    functionName revisionId memoryMiB tags { key value } versions { nodes { version revisionId } }
    aliases { nodes { name description revisionId } } invocations { nodes { requestId status } }
  } }
  stateMachines { nodes { name revisionId versions { nodes { version } } aliases { nodes { name } } } }
  executions { nodes { name status } }
  layers { nodes { layerName versions { nodes { version } } } }
  ledgerEntries { nodes { requestId } }
  throttleEvents { nodes { requestId } }
}`

/** A token of nobody's task. */
const nobodysToken = () => Buffer.from(`arn:aws:states:nobody ${randomUUID()}`).toString('base64url')

describe('a stranger, with a token of another account', () => {
  let service: TestService
  let access: AccessTokens
  let owner: GraphqlClient
  let stranger: GraphqlClient
  let strangerToken: string
  let owned: Named
  let before: GraphqlResult

  const nobody: Named = {
    accountId: '999999999999',
    functionName: 'nobody-has-this',
    requestId: randomUUID(),
    caseId: randomUUID(),
    mapRunArn: 'arn:aws:states:us-east-1:999999999999:mapRun:maps/M:nothing',
    taskTokens: [nobodysToken(), nobodysToken()],
    layerName: 'no-such-layer',
    ids: Object.fromEntries(
      GLOBAL_TYPES.map((type) => [type, globalId(type, type === 'Account' ? '999999999999' : randomUUID())]),
    ) as Named['ids'],
  }

  beforeAll(async () => {
    service = await startTestService()
    access = createAccessTokens({ prisma: service.database.prisma, clock: systemClock(), region: 'us-east-1' })
    const { accountId } = await access.createAccount('stranger')
    const created = await access.create(accountId, { name: 'stranger', role: 'ADMIN', expiresInSeconds: null })
    strangerToken = created.secret
    stranger = graphqlClient(service.url, strangerToken)
    owner = graphqlClient(service.url, service.token)
    await createNodeFunction(stranger, 'own', 'export const handler = async () => 1')
    owned = await furnish()
    // After the owner's, so that they would come first in a stream that mixes them.
    await invoke(stranger, { functionName: 'own' })
    await refuse('100000000001', owned.functionName)
    await refuse(accountId, 'own')
    before = await owner.query(ALL)
  })
  afterAll(async () => {
    await Promise.all([owner?.close(), stranger?.close()])
    await service?.[Symbol.asyncDispose]()
  })

  /** Gives the owner one of everything. */
  async function furnish(): Promise<Named> {
    const functionName = 'victim'
    await createNodeFunction(owner, functionName, CODE, { publish: true, tags: [{ key: 'owner', value: 'a' }] })
    await owner.query(
      'mutation { createAlias(input: { functionName: "victim", name: "live", functionVersion: "1" }) { userErrors { code } } }',
    )
    const layerName = 'shared-tools'
    await owner.query(
      `mutation { publishLayerVersion(input: { layerName: "${layerName}", content: { files: [{ path: "bin/tool", content: "secret tool" }] } }) { userErrors { code } } }`,
    )
    const requestId = await enqueue(owner, functionName)
    await eventsUntilDone(owner, requestId)
    const token = await owner.query(
      'mutation { createAccessToken(input: { name: "spare", role: ADMIN }) { accessToken { id } } }',
    )
    const opened = await owner.query(
      'mutation { requestLimitIncrease(input: { desiredValue: 2000, reason: "growth" }) { limitIncreaseCase { caseId } } }',
    )
    const { data } = await owner.query(
      'query ($id: String!) { viewer { account { id } } invocation(requestId: $id) { id } function(functionName: "victim") { id versionConfiguration(version: "1") { id } alias(name: "live") { id } } }',
      { id: requestId },
    )
    return {
      accountId: '100000000001',
      functionName,
      layerName,
      requestId,
      ...(await furnishStateMachines(owner, '100000000001')),
      caseId: opened.data.requestLimitIncrease.limitIncreaseCase.caseId,
      ids: {
        Account: data.viewer.account.id,
        AccessToken: token.data.createAccessToken.accessToken.id,
        Function: data.function.id,
        FunctionVersion: data.function.versionConfiguration.id,
        Alias: data.function.alias.id,
        Invocation: data.invocation.id,
        CodePackage: (await upload(service.token)).codePackageId,
      },
    }
  }

  async function upload(token: string) {
    const zip = new yazl.ZipFile()
    zip.addBuffer(Buffer.from('exports.handler = async () => "packed"'), 'index.js', { mtime: new Date(0) })
    zip.end()
    const response = await fetch(`${service.url}/code-packages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/zip' },
      body: zip.outputStream as unknown as ReadableStream,
      duplex: 'half',
    } as RequestInit)
    expect(response.status).toBe(201)
    return (await response.json()) as { codePackageId: string; codeSha256: string; codeSizeBytes: number }
  }

  /** Writes down that a limit refused an invocation. */
  const refuse = (accountId: string, functionName: string) =>
    service.database.pool.query(
      `INSERT INTO throttle_event (account_id, region, timestamp, function_id, function_name, version_number,
         invocation_id, invocation_type, reason, "limit")
       VALUES ($1, 'us-east-1', now(), $2, $3, 0, $2, 'REQUEST_RESPONSE', 'CONCURRENT_INVOCATION_LIMIT_EXCEEDED', 0)`,
      [accountId, randomUUID(), functionName],
    )

  /** The answer, or the first event, as text without what was given and what is new with each request. */
  async function ask(client: GraphqlClient, { document, variables }: StrangerCase, named: Named): Promise<string> {
    const given = variables?.(named) ?? {}
    const events = document.startsWith('subscription') ? client.subscribe(document, given) : null
    const answer = events === null ? await client.query(document, given) : (await events.next()).value
    await events?.return?.()
    const names = [
      ...Object.values(named.ids),
      named.functionName,
      named.requestId,
      named.caseId,
      named.mapRunArn,
      ...named.taskTokens,
      named.layerName,
      named.accountId,
    ]
    return names
      .reduce((text, name) => text.replaceAll(name, '<given>'), JSON.stringify(answer))
      .replace(/"requestId":"[^"]*"/g, '"requestId":"<new>"')
  }

  test('has a case for each root field', () => {
    const schema = createSchema()
    const roots = [schema.getQueryType()!, schema.getMutationType()!, schema.getSubscriptionType()!]
    const fields = roots.flatMap((root) => Object.keys(root.getFields()).map((field) => `${root.name}.${field}`))
    expect(Object.keys(ALL_CASES).sort()).toEqual(fields.sort())
  })

  test.each(CASES)('sees in what belongs to another account what is not there: %s', async (_name, each) => {
    const answer = await ask(stranger, each, owned)
    if (each.isForOperators) expect(answer).toMatch(/ACCESS_DENIED/)
    if (each.namesNothing) {
      expect(answer).not.toMatch(/<given>/)
      expect(answer).not.toMatch(/"errors"/)
    } else {
      expect(answer).toBe(await ask(stranger, each, nobody))
      expect(answer).not.toMatch(/secret|"owner"/)
    }
  })

  test('has changed nothing of it', async () => {
    expect(await owner.query(ALL)).toEqual(before)
  })

  test('does not take the code of another account by its hash', async () => {
    const theirs = await upload(service.token)
    const own = await upload(strangerToken)
    expect(own.codeSha256).toBe(theirs.codeSha256)
    expect(own.codePackageId).not.toBe(theirs.codePackageId)
  })

  test.each(CASES.filter(([, { namesNothing, isForOperators }]) => !namesNothing && !isForOperators))(
    'is told something else than the owner, whom each case answers: %s',
    async (_name, each) => {
      expect(await ask(owner, each, owned)).not.toBe(await ask(stranger, each, nobody))
    },
  )
})
