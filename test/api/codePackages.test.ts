import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import yazl from 'yazl'
import { type GraphqlClient, graphqlClient } from '../kit/graphqlClient.ts'
import { startTestService, type TestService } from '../kit/testService.ts'

describe('POST /code-packages', () => {
  let service: TestService
  let client: GraphqlClient
  beforeAll(async () => {
    service = await startTestService()
    client = graphqlClient(service.url, service.token)
  })
  afterAll(() => service?.[Symbol.asyncDispose]())

  function zipOf(content: string): Promise<Buffer> {
    const zip = new yazl.ZipFile()
    zip.addBuffer(Buffer.from(content), 'index.js')
    zip.end()
    return buffer(zip.outputStream)
  }
  const upload = (body: Buffer | string, headers: Record<string, string> = {}) =>
    fetch(`${service.url}/code-packages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${service.token}`, ...headers },
      body: typeof body === 'string' ? body : new Uint8Array(body),
    })

  test.each([['application/zip'], ['application/octet-stream'], ['application/json'], ['text/plain']])(
    'takes an archive as %s, from which functions are made',
    async (type) => {
      const zip = await zipOf(`exports.handler = async () => "${type}"`)
      const response = await upload(zip, { 'content-type': type })
      expect(response.status).toBe(201)
      const stored = (await response.json()) as { codePackageId: string }
      const codeSha256 = createHash('sha256').update(zip).digest('base64')
      expect(stored).toEqual({ codePackageId: expect.any(String), codeSha256, codeSizeBytes: zip.length })
      const { data } = await client.query(
        'mutation ($input: CreateFunctionInput!) { createFunction(input: $input) { function { codeSha256 codeSizeBytes } userErrors { message } } }',
        {
          input: {
            functionName: `from-${type.replace('/', '-')}`,
            runtime: 'NODEJS20_X',
            handler: 'index.handler',
            code: { codePackageId: stored.codePackageId },
          },
        },
      )
      expect(data.createFunction).toEqual({ function: { codeSha256, codeSizeBytes: zip.length }, userErrors: [] })
    },
  )

  test("refuses what is no archive, with AWS's exception", async () => {
    const response = await upload('this is no archive')
    expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([400, 'InvalidParameterValueException'])
    expect(response.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/)
    expect(await response.json()).toEqual({
      Type: 'User',
      message: 'Could not unzip uploaded file. Please check your file, then try to upload again.',
    })
  })

  test('refuses an upload without a token', async () => {
    const response = await upload('anything', { authorization: 'Bearer wrong' })
    expect(response.status).toBe(401)
  })

  test('answers an upload that is too large for any archive, which it does not keep', async () => {
    const response = await upload(Buffer.alloc(251 * 1024 * 1024))
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(response.status).toBeLessThan(500)
  })

  test('goes on when an upload breaks off', async () => {
    const { port } = new URL(service.url)
    const socket = connect(Number(port), '127.0.0.1')
    socket.write(
      `POST /code-packages HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${service.token}\r\nContent-Length: 1000000\r\n\r\nPK`,
    )
    socket.destroySoon()
    expect((await upload(await zipOf('1'))).status).toBe(201)
  })
})
