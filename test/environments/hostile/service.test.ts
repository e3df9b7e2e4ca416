import { existsSync, readdirSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { zipBytes } from '../../functions/codePackage/zipBytes.ts'
import { type GraphqlClient, graphqlClient } from '../../kit/graphqlClient.ts'
import { createNodeFunction, invoke } from '../../kit/invocationDocuments.ts'
import { postgresUrl } from '../../kit/postgresUrl.ts'
import { startTestService, type TestService } from '../../kit/testService.ts'

/** A whole service that listens on all addresses, as one in a container does, and a function that must go on working. */
let service: TestService
let client: GraphqlClient

beforeAll(async () => {
  service = await startTestService({ config: { host: '0.0.0.0', network: 'internet' } })
  client = graphqlClient(service.url.replace('0.0.0.0', '127.0.0.1'), service.token)
  await createNodeFunction(client, 'bystander', 'export const handler = async (event) => ({ echo: event })')
})
afterAll(async () => {
  await client.close()
  await service[Symbol.asyncDispose]()
})

const HOSTILE = 'hostile'
let count = 0

/** Deploys a hostile function, runs it, and then proves that the service answers and that others' functions run. */
async function attack(body: string, payload: unknown = {}, changes: Readonly<Record<string, unknown>> = {}) {
  const functionName = `${HOSTILE}-${++count}`
  const code = `import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)
export const handler = async (event, context) => {
${body}
}`
  await createNodeFunction(client, functionName, code, { timeoutSeconds: 20, ...changes })
  const answer = await invoke(client, { functionName, payload, logTail: true })
  const { payload: echo } = await invoke(client, { functionName: 'bystander', payload: { still: 'here' } })
  expect(echo).toEqual({ echo: { still: 'here' } })
  return answer
}

const ownAddresses = Object.values(networkInterfaces())
  .flatMap((each) => each ?? [])
  .filter(({ family }) => family === 'IPv4')
  .map(({ address }) => address)

describe('a function and the service that runs it', () => {
  it('it reaches neither PostgreSQL nor the API, at any address of the machine and of its own network', async () => {
    const ports = [Number(new URL(service.url).port), Number(new URL(postgresUrl()).port)]
    const hosts = [...ownAddresses, 'localhost', '0.0.0.0', '169.254.100.2', '169.254.100.3']
    const { payload } = await attack(
      `const { connect } = require('node:net')
       const attempt = ([host, port]) => new Promise((resolve) => {
         const socket = connect({ host, port, timeout: 1_000 })
         const end = (isReached) => { socket.destroy(); resolve(isReached) }
         socket.on('connect', () => end(true)).on('error', () => end(false)).on('timeout', () => end(false))
       })
       const reached = await Promise.all(event.targets.map(attempt))
       return event.targets.filter((_, index) => reached[index])`,
      { targets: hosts.flatMap((host) => ports.map((port) => [host, port])) },
    )
    expect(payload).toEqual([])
    // They do listen: it is the function that does not reach them.
    const health = await fetch(`http://${ownAddresses.at(-1)}:${ports[0]}/healthz`)
    expect(health.status).toBe(200)
  })

  it("it finds none of the service's files: database, code of others, settings, sockets", async () => {
    const { dataFolder, cacheFolder } = service.config
    const paths = [
      dataFolder,
      cacheFolder,
      process.cwd(),
      process.execPath,
      '/var/run',
      '/run',
      '/home',
      '/root',
      '/sys',
    ]
    expect(existsSync(dataFolder)).toBe(true)
    expect(readdirSync(dataFolder).length).toBeGreaterThan(0)
    const { payload } = await attack(
      `const { readdirSync } = require('node:fs')
       const read = (path) => { try { return readdirSync(path) } catch { return [] } }
       return event.paths.filter((path) => read(path).length > 0)`,
      { paths },
    )
    expect(payload).toEqual([])
  })

  it('it finds nothing of another function: not its variables, its payload, its files or its code', async () => {
    const secret = 'the-secret-of-another'
    await createNodeFunction(
      client,
      'keeper',
      `import { writeFileSync } from 'node:fs'
       globalThis.kept = '${secret}'
       export const handler = async (event) => { writeFileSync('/tmp/kept', event.secret); return process.env.SECRET }`,
      { environment: [{ name: 'SECRET', value: secret }] },
    )
    const { payload: kept } = await invoke(client, { functionName: 'keeper', payload: { secret } })
    expect(kept).toBe(secret)
    const { payload } = await attack(
      `const { closeSync, openSync, readdirSync, readSync } = require('node:fs')
       const needle = ['the', 'secret', 'of', 'another'].join('-')
       const found = []
       const beginning = Buffer.alloc(1 << 16)
       const look = (path) => {
         let file
         try {
           file = openSync(path, 'r')
           if (beginning.subarray(0, readSync(file, beginning)).includes(needle)) found.push(path)
         } catch {} finally { if (file !== undefined) closeSync(file) }
       }
       const visit = (folder) => {
         let entries = []
         try { entries = readdirSync(folder, { withFileTypes: true }) } catch {}
         for (const entry of entries) {
           const path = (folder === '/' ? '' : folder) + '/' + entry.name
           if (entry.isDirectory() && !/^\\/(usr|proc\\/.*\\/(task|net|fd|map_files|attr))/.test(path)) visit(path)
           else if (entry.isFile() && !/kmsg|pagemap|clear_refs|\\/mem$/.test(path)) look(path)
         }
       }
       visit('/')
       return found`,
      {},
      { memoryMiB: 512 },
    )
    expect(payload).toEqual([])
  })

  it.each(['/etc/shadow', '../../../../etc/shadow', '/proc/1/root/etc/shadow', '..'])(
    'it does not escape through a link in its archive that leads to %s',
    async (target) => {
      const LINK = 0o120777
      const zip = zipBytes([
        { name: 'index.js', content: `exports.handler = async () => require('node:fs').readdirSync('/var/task/way')` },
        { name: 'way', content: target, mode: LINK },
      ])
      const { data } = await client.query(
        'mutation ($input: CreateFunctionInput!) { createFunction(input: $input) { userErrors { code message } } }',
        {
          input: {
            functionName: `${HOSTILE}-${++count}`,
            runtime: 'NODEJS20_X',
            handler: 'index.handler',
            code: { zipFile: zip.toString('base64') },
          },
        },
      )
      expect(data.createFunction.userErrors).toMatchObject([{ code: 'INVALID_PARAMETER_VALUE' }])
    },
  )

  it('it cannot answer with more than 6 MiB', async () => {
    const { payload, functionError } = await attack(`return 'x'.repeat(event.size)`, { size: 7 << 20 })
    expect({ payload, functionError }).toMatchObject({
      functionError: 'Unhandled',
      payload: { errorType: 'Function.ResponseSizeTooLarge' },
    })
  })

  it('it cannot fill the disk, neither in /tmp nor anywhere else', async () => {
    const { payload } = await attack(
      `const { openSync, writeSync } = require('node:fs')
       const fill = (path) => {
         try {
           const file = openSync(path, 'w')
           for (let mebibytes = 0; ; mebibytes++) {
             try { if (writeSync(file, Buffer.alloc(1 << 20, 1)) < 1 << 20) return mebibytes } catch { return mebibytes }
           }
         } catch (error) { return error.code }
       }
       return [fill('/tmp/flood'), ...['/var/task', '/opt', '/dev', '/usr/local', '/'].map((folder) => fill(folder + '/flood'))]`,
      {},
      { ephemeralStorageMiB: 512 },
    )
    const [inTmp, ...elsewhere] = payload
    expect(inTmp).toBeGreaterThan(500)
    expect(inTmp).toBeLessThanOrEqual(512)
    for (const answer of elsewhere) expect(['EROFS', 'EACCES', 'EPERM']).toContain(answer)
  })

  it('it cannot make the log of others wait by flooding its own', async () => {
    const flood = attack(`for (let line = 0; line < 20_000; line++) console.log('x'.repeat(500)); return 'flooded'`)
    const begin = performance.now()
    const { payload } = await invoke(client, { functionName: 'bystander', payload: { n: 1 } })
    expect(payload).toEqual({ echo: { n: 1 } })
    expect(performance.now() - begin).toBeLessThan(10_000)
    expect((await flood).payload).toBe('flooded')
  })
})
