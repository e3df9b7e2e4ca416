import { type GraphQLObjectType, getNamedType, isLeafType } from 'graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAccessTokens } from '../../src/access/tokens.ts'
import { createSchema } from '../../src/api/schema.ts'
import { systemClock } from '../../src/model/clock.ts'
import { type GraphqlClient, graphqlClient } from '../kit/graphqlClient.ts'
import { startTestService, type TestService } from '../kit/testService.ts'
import { STRANGER_CASES } from './strangerCases.ts'

/** What a token with the role INVOKER may ask for. */
const OPEN_ROOTS = ['Query.viewer', 'Mutation.invoke', 'Mutation.invokeBatch']
const schema = createSchema()

describe('a token with the role INVOKER', () => {
  let service: TestService
  let secret: string
  let invoker: GraphqlClient
  beforeAll(async () => {
    service = await startTestService()
    const access = createAccessTokens({ prisma: service.database.prisma, clock: systemClock(), region: 'us-east-1' })
    const request = { name: 'invoker', role: 'INVOKER', expiresInSeconds: null } as const
    secret = (await access.create('100000000001', request)).secret
    invoker = graphqlClient(service.url, secret)
  })
  afterAll(async () => {
    await invoker?.close()
    await service?.[Symbol.asyncDispose]()
  })

  const postAs = (document: string) =>
    fetch(`${service.url}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query: document }),
    })

  /** The smallest document that asks for a field, with variables of its arguments' types that nobody gives. */
  function documentFor(operation: string, root: GraphQLObjectType, name: string): string {
    const { args, type } = root.getFields()[name]!
    const required = args.filter((argument) => String(argument.type).endsWith('!'))
    const variables = required.map((argument) => `$${argument.name}: ${argument.type}`).join(', ')
    const values = required.map((argument) => `${argument.name}: $${argument.name}`).join(', ')
    const selection = isLeafType(getNamedType(type)) ? '' : '{ __typename }'
    return `${operation}${variables && ` (${variables})`} { ${name}${values && `(${values})`} ${selection} }`
  }

  const roots = (
    [
      ['query', schema.getQueryType()!],
      ['mutation', schema.getMutationType()!],
      ['subscription', schema.getSubscriptionType()!],
    ] as const
  ).flatMap(([operation, root]) =>
    Object.keys(root.getFields()).map((name) => [`${root.name}.${name}`, documentFor(operation, root, name)] as const),
  )

  test.each(roots.filter(([field]) => !OPEN_ROOTS.includes(field)))('may not ask for %s', async (_field, document) => {
    const answer = document.startsWith('subscription')
      ? await invoker
          .subscribe(document)
          .next()
          .catch((errors: unknown) => ({ value: { errors } }))
      : { value: await invoker.query(document) }
    expect(answer.value.data).toBeUndefined()
    expect(answer.value.errors[0].extensions.code).toBe('ACCESS_DENIED')
  })

  test('may ask who it is, but not for other tokens', async () => {
    const viewer = await invoker.query('{ viewer { region role account { accountId name } } }')
    expect(viewer.data.viewer).toMatchObject({ role: 'INVOKER', account: { accountId: '100000000001' } })
    const tokens = await postAs('{ viewer { account { accessTokens { nodes { id } } } } }')
    expect(tokens.status).toBe(403)
  })

  test('may invoke', async () => {
    const [invoke] = STRANGER_CASES['Mutation.invoke']!
    const input = { functionName: 'nobody' }
    const { data } = await invoker.query(invoke!.document, { input })
    expect(data.invoke.userErrors).toMatchObject([{ code: 'RESOURCE_NOT_FOUND' }])
  })

  test('does not reach a function, its environment variables or its logs through what it invoked', async () => {
    const document = (selection: string) =>
      `mutation { invoke(input: { functionName: "nobody" }) { statusCode ${selection} } }`
    for (const selection of [
      'invocation { requestId }',
      'invocation { function { environment { value } } }',
      '... on InvokePayload { invocation { logEvents { nodes { message } } } }',
      '...more',
    ]) {
      const fragment = selection === '...more' ? 'fragment more on InvokePayload { invocation { id } }' : ''
      expect((await postAs(`${document(selection)} ${fragment}`)).status).toBe(403)
    }
  })

  test('may not do with a second root field what the first hides', async () => {
    expect((await postAs('{ viewer { role } functions { nodes { functionName } } }')).status).toBe(403)
    expect((await postAs('{ ...all } fragment all on Query { runtimes { runtime } }')).status).toBe(403)
  })

  test('may not upload code', async () => {
    const response = await fetch(`${service.url}/code-packages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}` },
      body: 'a zip',
    })
    expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([403, 'AccessDeniedException'])
  })
})
