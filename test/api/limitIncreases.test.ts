import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AccessTokens, createAccessTokens } from '../../src/access/tokens.ts'
import { systemClock } from '../../src/model/clock.ts'
import { type GraphqlClient, graphqlClient } from '../kit/graphqlClient.ts'
import { createNodeFunction, invoke } from '../kit/invocationDocuments.ts'
import { startTestService, type TestService } from '../kit/testService.ts'

const CASE = 'caseId accountId region status desiredValue valueBefore approvedValue reason note openedAt closedAt'
const mutation = (name: string) => `mutation ($input: ${name[0]!.toUpperCase()}${name.slice(1)}Input!) {
  ${name}(input: $input) { limitIncreaseCase { ${CASE} } userErrors { code message } }
}`
const SETTINGS = `{ accountSettings {
  accountLimit { concurrentExecutions unreservedConcurrentExecutions codeSizeZippedBytes codeSizeUnzippedBytes }
  accountUsage { functionCount totalCodeSizeBytes }
} }`

let service: TestService
let access: AccessTokens
let admin: GraphqlClient
let other: GraphqlClient
let otherId: string
let operator: GraphqlClient

beforeAll(async () => {
  service = await startTestService()
  access = createAccessTokens({ prisma: service.database.prisma, clock: systemClock(), region: 'us-east-1' })
  admin = graphqlClient(service.url, service.token)
  otherId = (await access.createAccount('other')).accountId
  other = await clientOf(otherId, 'ADMIN')
  operator = await clientOf('100000000001', 'OPERATOR')
})
afterAll(async () => {
  await Promise.all([admin, other, operator].map((client) => client.close()))
  await service[Symbol.asyncDispose]()
})

async function clientOf(accountId: string, role: 'ADMIN' | 'OPERATOR') {
  const { secret } = await access.create(accountId, { name: role, role, expiresInSeconds: null })
  return graphqlClient(service.url, secret)
}

async function ask(client: GraphqlClient, name: string, input: Readonly<Record<string, unknown>>) {
  const { data, errors } = await client.query(mutation(name), { input })
  expect(errors).toBeUndefined()
  return data[name]
}

const request = (client: GraphqlClient, desiredValue: number) =>
  ask(client, 'requestLimitIncrease', { desiredValue, reason: 'Black Friday' })

const limitOf = async (client: GraphqlClient) =>
  (await client.query(SETTINGS)).data.accountSettings.accountLimit.concurrentExecutions

async function casesOf(client: GraphqlClient, status: string | null = null) {
  const document = `query ($status: LimitIncreaseStatus) { limitIncreaseCases(status: $status) { nodes { ${CASE} } } }`
  return (await client.query(document, { status })).data.limitIncreaseCases.nodes
}

describe('a limit increase', () => {
  it('is opened by an account, approved by an operator with a note, and holds at once', async () => {
    const { limitIncreaseCase: opened, userErrors } = await request(other, 2_000)
    expect(userErrors).toEqual([])
    expect(opened).toMatchObject({
      accountId: otherId,
      region: 'us-east-1',
      status: 'PENDING',
      desiredValue: 2_000,
      valueBefore: 1_000,
      reason: 'Black Friday',
      note: null,
      closedAt: null,
    })
    expect(await casesOf(operator, 'PENDING')).toEqual([opened])
    const { caseId } = opened
    const { limitIncreaseCase: approved } = await ask(operator, 'approveLimitIncrease', { caseId, note: 'Good luck' })
    expect(approved).toMatchObject({ status: 'APPROVED', approvedValue: 2_000, note: 'Good luck' })
    expect(await limitOf(other)).toBe(2_000)
    expect(await casesOf(other)).toEqual([approved])
    expect(await casesOf(admin)).toEqual([])
  })

  it('can be granted in part, declined, or withdrawn; and is decided once', async () => {
    const open = async () => (await request(admin, 5_000)).limitIncreaseCase.caseId
    const withdrawn = await open()
    expect((await ask(admin, 'cancelLimitIncrease', { caseId: withdrawn })).limitIncreaseCase.status).toBe('CANCELLED')
    const declined = await open()
    await ask(operator, 'declineLimitIncrease', { caseId: declined, note: 'No room' })
    expect(await limitOf(admin)).toBe(1_000)
    const granted = await open()
    const note = 'As much as we have'
    await ask(operator, 'approveLimitIncrease', { caseId: granted, approvedValue: 1_200, note })
    expect(await limitOf(admin)).toBe(1_200)
    for (const [client, name, input] of [
      [operator, 'approveLimitIncrease', { caseId: declined, note }],
      [operator, 'declineLimitIncrease', { caseId: granted, note }],
      [admin, 'cancelLimitIncrease', { caseId: granted }],
    ] as const) {
      expect((await ask(client, name, input)).userErrors).toMatchObject([{ code: 'RESOURCE_CONFLICT' }])
    }
    expect((await casesOf(admin)).map(({ status }: { status: string }) => status)).toEqual([
      'APPROVED',
      'DECLINED',
      'CANCELLED',
    ])
  })

  it('is open once for an account and region, and decided once, however many decide at the same time', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => request(other, 3_000)))
    const opened = answers.flatMap(({ limitIncreaseCase }) => limitIncreaseCase ?? [])
    expect(opened).toHaveLength(1)
    for (const { limitIncreaseCase, userErrors } of answers) {
      if (limitIncreaseCase === null) expect(userErrors).toMatchObject([{ code: 'RESOURCE_CONFLICT' }])
    }
    const decisions = await Promise.all(
      ['approveLimitIncrease', 'declineLimitIncrease', 'approveLimitIncrease'].map((name) =>
        ask(operator, name, { caseId: opened[0].caseId, note: 'n' }),
      ),
    )
    expect(decisions.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1)
  })

  it.each([1_000, 0, -5, 1_000_001])('is an increase within what any account can have: %i is none', async (desired) => {
    expect((await request(admin, desired)).userErrors).toMatchObject([{ code: 'VALIDATION' }])
  })

  it('lets reservations be made that did not fit before', async () => {
    const reserve = async (reservedConcurrentExecutions: number) =>
      (
        await admin.query(
          `mutation ($input: PutFunctionConcurrencyInput!) { putFunctionConcurrency(input: $input) { userErrors { code } } }`,
          { input: { functionName: 'grown', reservedConcurrentExecutions } },
        )
      ).data.putFunctionConcurrency.userErrors
    await createNodeFunction(admin, 'grown', 'export const handler = async () => 1')
    expect(await reserve(1_150)).toMatchObject([{ code: 'INVALID_PARAMETER_VALUE' }])
    const { limitIncreaseCase } = await request(admin, 1_300)
    await ask(operator, 'approveLimitIncrease', { caseId: limitIncreaseCase.caseId, note: 'n' })
    expect(await reserve(1_150)).toEqual([])
    expect((await invoke(admin, { functionName: 'grown' })).statusCode).toBe(200)
  })
})

describe('a token with the role OPERATOR', () => {
  it('sees and decides cases, and nothing else of any account', async () => {
    for (const document of [
      '{ functions { nodes { functionName } } }',
      '{ accountSettings { accountUsage { functionCount } } }',
      '{ viewer { account { accessTokens { nodes { id } } } } }',
      'mutation { requestLimitIncrease(input: { desiredValue: 9999, reason: "r" }) { userErrors { code } } }',
    ]) {
      expect((await operator.query(document)).errors?.[0]?.extensions?.['code']).toBe('ACCESS_DENIED')
    }
  })

  it('is not made by an admin, and an admin decides nothing', async () => {
    const { data } = await admin.query(
      'mutation { createAccessToken(input: { name: "me", role: OPERATOR }) { secret userErrors { code message } } }',
    )
    expect(data.createAccessToken).toEqual({
      secret: null,
      userErrors: [
        { code: 'ACCESS_DENIED', message: expect.stringMatching(/npm run token -- create --role OPERATOR/) },
      ],
    })
    const approve = await admin.query(mutation('approveLimitIncrease'), { input: { caseId: 'x', note: 'n' } })
    expect(approve.errors?.[0]?.message).toMatch(/use a token with the role OPERATOR/)
  })
})

// Source: recorded fact 121 (LocalStack snapshot tests, Apache-2.0).
describe('account settings', () => {
  it('count the code of every version: a change of the configuration adds nothing, publishing adds the code again', async () => {
    const usage = async () => (await other.query(SETTINGS)).data.accountSettings.accountUsage
    expect(await usage()).toEqual({ functionCount: 0, totalCodeSizeBytes: '0' })
    await createNodeFunction(other, 'measured', 'export const handler = async () => 1')
    const { functionCount, totalCodeSizeBytes: size } = await usage()
    expect([functionCount, Number(size)]).toEqual([1, expect.any(Number)])
    const change = '(input: { functionName: "measured", memoryMiB: 256 }) { userErrors { code } }'
    await other.query(`mutation { updateFunctionConfiguration${change} }`)
    expect((await usage()).totalCodeSizeBytes).toBe(size)
    await other.query('mutation { publishVersion(input: { functionName: "measured" }) { userErrors { code } } }')
    expect(Number((await usage()).totalCodeSizeBytes)).toBe(2 * Number(size))
  })

  it('say what is unreserved', async () => {
    await other.query(
      'mutation { putFunctionConcurrency(input: { functionName: "measured", reservedConcurrentExecutions: 7 }) { userErrors { code } } }',
    )
    const { accountLimit } = (await other.query(SETTINGS)).data.accountSettings
    expect(accountLimit).toMatchObject({
      unreservedConcurrentExecutions: accountLimit.concurrentExecutions - 7,
      codeSizeZippedBytes: 52_428_800,
      codeSizeUnzippedBytes: 262_144_000,
    })
  })
})

describe('throttle counts', () => {
  it('tell functions, reasons or both apart, the most frequent first', async () => {
    const from = new Date(Date.now() - 60_000).toISOString()
    for (const [name, times] of [
      ['often', 3],
      ['seldom', 1],
    ] as const) {
      await createNodeFunction(admin, name, 'export const handler = async () => 1')
      await admin.query(
        `mutation ($input: PutFunctionConcurrencyInput!) { putFunctionConcurrency(input: $input) { userErrors { code } } }`,
        { input: { functionName: name, reservedConcurrentExecutions: 0 } },
      )
      for (let time = 0; time < times; time += 1) await invoke(admin, { functionName: name })
    }
    const counts = async (groupBy: string, before: string | null = null) =>
      (
        await admin.query(
          `query ($from: DateTime!, $before: DateTime, $groupBy: ThrottleGrouping) {
            throttleCounts(from: $from, before: $before, groupBy: $groupBy) { functionName reason count } }`,
          { from, before, groupBy },
        )
      ).data.throttleCounts
    const reason = 'RESERVED_FUNCTION_CONCURRENT_INVOCATION_LIMIT_EXCEEDED'
    expect(await counts('FUNCTION')).toEqual([
      { functionName: 'often', reason: null, count: 3 },
      { functionName: 'seldom', reason: null, count: 1 },
    ])
    expect(await counts('REASON')).toEqual([{ functionName: null, reason, count: 4 }])
    expect(await counts('FUNCTION_AND_REASON')).toMatchObject([
      { functionName: 'often', reason, count: 3 },
      { functionName: 'seldom', reason, count: 1 },
    ])
    expect(await counts('REASON', from)).toEqual([])
  })
})
