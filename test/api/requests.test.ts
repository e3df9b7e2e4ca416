import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type GraphqlClient, graphqlClient } from '../kit/graphqlClient.ts'
import { startTestService, type TestService } from '../kit/testService.ts'

describe('what a request may ask for', () => {
  let service: TestService
  let client: GraphqlClient
  beforeAll(async () => {
    service = await startTestService({ config: { logLevel: 'silent' } })
    client = graphqlClient(service.url, service.token)
  })
  afterAll(() => service?.[Symbol.asyncDispose]())

  const post = (body: string | Uint8Array<ArrayBuffer>) =>
    fetch(`${service.url}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${service.token}`, 'content-type': 'application/json' },
      body,
    })
  const codeOf = async (document: string, variables = {}) =>
    (await client.query(document, variables)).errors?.[0]?.extensions.code

  test('an operation that is too deep is refused', async () => {
    const nested = (levels: number): string =>
      levels === 0 ? 'name' : `functionVersion: function { alias(name: "a") { ${nested(levels - 1)} } }`
    expect(await codeOf(`{ function(functionName: "a") { alias(name: "a") { ${nested(10)} } } }`)).toBe(
      'OPERATION_TOO_LARGE',
    )
  })

  test('an operation with too many root fields is refused, whatever their aliases', async () => {
    const fields = Array.from({ length: 26 }, (_, index) => `a${index}: viewer { region }`)
    expect(await codeOf(`{ ${fields.join(' ')} }`)).toBe('OPERATION_TOO_LARGE')
    expect(await codeOf(`{ ${fields.slice(1).join(' ')} }`)).toBeUndefined()
  })

  test('pages of pages are refused by what they could have, also where variables say how large they are', async () => {
    const document =
      'query ($first: Int) { functions(first: $first) { nodes { versions(first: $first) { nodes { version codeSha256 description runtime handler } } } } }'
    expect(await codeOf(document, { first: 100 })).toBe('OPERATION_TOO_LARGE')
    expect(await codeOf(document, { first: 10 })).toBeUndefined()
  })

  test('fragments that double at each level are refused at once', async () => {
    const levels = 60
    const fragments = Array.from(
      { length: levels },
      (_, level) =>
        `fragment F${level} on Function { name: functionName ${
          level + 1 < levels
            ? `a: alias(name: "a") { function { ...F${level + 1} } } b: alias(name: "b") { function { ...F${level + 1} } }`
            : ''
        } }`,
    )
    const begun = performance.now()
    expect(await codeOf(`{ function(functionName: "a") { ...F0 } } ${fragments.join(' ')}`)).toBe('OPERATION_TOO_LARGE')
    expect(performance.now() - begun).toBeLessThan(2_000)
  })

  test('a document of too many words, or of too many brackets, is refused', async () => {
    expect(await codeOf(`{ ${'viewer { region } '.repeat(2_000)} }`)).toBe('GRAPHQL_PARSE_FAILED')
    expect(await codeOf(`{ ${'a { '.repeat(1_300)} b ${'}'.repeat(1_300)} }`)).toBe('GRAPHQL_VALIDATION_FAILED')
    expect(await codeOf(`{ node(id: ${'['.repeat(1_900)}${']'.repeat(1_900)}) { id } }`)).toBe(
      'GRAPHQL_VALIDATION_FAILED',
    )
  })

  test('a subscription over HTTP is told where it runs', async () => {
    const response = await post(JSON.stringify({ query: 'subscription { billingEvents { cursor } }' }))
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('graphql-transport-ws')
  })

  test('operations come one at a time', async () => {
    const response = await post(JSON.stringify([{ query: '{ __typename }' }]))
    expect(response.status).toBe(400)
  })

  test('JSON is taken 64 deep, as a variable and as a literal, and no deeper', async () => {
    const nested = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as unknown
    const document =
      'mutation ($payload: JSON) { invoke(input: { functionName: "a", payload: $payload }) { userErrors { code } } }'
    const deepest = await client.query(document, { payload: nested(64) })
    expect(deepest.data.invoke.userErrors).toEqual([{ code: 'RESOURCE_NOT_FOUND' }])
    expect(await codeOf(document, { payload: nested(65) })).toBe('BAD_USER_INPUT')
    const literal = (levels: number) =>
      codeOf(
        `mutation { invoke(input: { functionName: "a", payload: ${JSON.stringify(nested(levels))} }) { userErrors { code } } }`,
      )
    expect(await literal(64)).toBeUndefined()
    expect(await literal(65)).toBe('GRAPHQL_VALIDATION_FAILED')
  })

  test('a body of more than 70,167,211 bytes is refused in the words of AWS', async () => {
    const response = await post(new Uint8Array(70_167_212))
    expect(response.status).toBe(413)
    expect(await response.json()).toEqual({
      errors: [
        {
          message: 'Request must be smaller than 70167211 bytes for the CreateFunction operation',
          extensions: { code: 'REQUEST_TOO_LARGE' },
        },
      ],
    })
  })

  test.each([
    ['no JSON', '{"query":'],
    ['nothing', ''],
    ['no operation', '{}'],
    ['an unknown field', '{"query":"{ secrets }"}'],
    ['variables that are no object', '{"query":"{ __typename }","variables":1}'],
    ['two operations without a name', '{"query":"query a { __typename } query b { __typename }"}'],
  ])('%s is the fault of the request, and is told without a stack', async (_case, body) => {
    const response = await post(body)
    expect(response.status).toBe(400)
    expect(await response.text()).not.toMatch(/node_modules|\.ts:|stack/)
  })

  test("a query's user fault is an error with its code, its own words and the field to blame", async () => {
    const { data, errors } = await client.query('{ functions(first: 101) { nodes { functionName } } }')
    expect(data).toBeNull()
    expect(errors).toEqual([
      {
        message: 'A page has 1 to 100 items, not 101. Please go on with more pages.',
        locations: [{ line: 1, column: 3 }],
        path: ['functions'],
        extensions: { code: 'INVALID_PARAMETER_VALUE', field: ['first'], requestId: expect.any(String) },
      },
    ])
  })

  test('what the platform fails in is masked, with the request id that the log has', async () => {
    await service.database.pool.query('ALTER TABLE log_event RENAME TO log_event_gone')
    try {
      await client.query(CREATE)
      const { errors } = await client.query('{ function(functionName: "masked") { logEvents { nodes { message } } } }')
      expect(errors?.[0]).toMatchObject({
        message: 'Internal server error',
        extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: expect.any(String) },
      })
      expect(JSON.stringify(errors)).not.toMatch(/log_event|relation|stack/)
    } finally {
      await service.database.pool.query('ALTER TABLE log_event_gone RENAME TO log_event')
    }
  })

  test('the schema can be read', async () => {
    const { data } = await client.query('{ __schema { queryType { fields { name } } } }')
    expect(data.__schema.queryType.fields).toContainEqual({ name: 'viewer' })
  })

  test('an event with a property "__proto__" stays plain data', async () => {
    const response = await post(
      '{"query":"mutation ($p: JSON) { invoke(input: { functionName: \\"nobody\\", payload: $p }) { userErrors { code } } }","variables":{"p":{"__proto__":{"polluted":true}}}}',
    )
    expect(response.status).toBe(200)
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })
})

const CREATE =
  'mutation { createFunction(input: { functionName: "masked", runtime: NODEJS20_X, handler: "index.handler", code: { files: [{ path: "index.js", content: "exports.handler = async () => 1" }] } }) { userErrors { message } } }'
