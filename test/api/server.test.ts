import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type GraphqlClient, graphqlClient } from '../kit/graphqlClient.ts'
import { startTestService, type TestService } from '../kit/testService.ts'

describe('the API server', () => {
  let service: TestService
  let client: GraphqlClient
  beforeAll(async () => {
    service = await startTestService()
    client = graphqlClient(service.url, service.token)
  })
  afterAll(async () => {
    await client?.close()
    await service?.[Symbol.asyncDispose]()
  })

  test('tells who asks', async () => {
    const answer = await client.query('{ viewer { account { accountId name } region role } }')
    expect(answer).toEqual({
      data: {
        viewer: { account: { accountId: '100000000001', name: 'default' }, region: 'us-east-1', role: 'ADMIN' },
      },
    })
  })
})
