import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { readPostmasterFile } from '../../src/db/postgres/postmasterFile.ts'
import { identifyProcess, isAlive } from '../../src/db/processIdentity.ts'
import { descendantsOf } from '../../src/environments/drivers/processes.ts'
import { eventually } from '../kit/eventually.ts'
import { type ServiceProcess, serviceScript, startServiceProcess } from '../kit/serviceProcess.ts'
import { type TemporaryFolder, temporaryFolder } from '../kit/temporaryFolder.ts'

let script: string
let folder: TemporaryFolder
let service: ServiceProcess

beforeAll(async () => {
  script = await serviceScript()
})
beforeEach(async () => {
  folder = temporaryFolder()
  service = await startServiceProcess(script, folder.path)
})
afterEach(async () => {
  await service.stop()
  folder[Symbol.dispose]()
})

const CREATE = `mutation ($name: String!, $code: String!) {
  createFunction(input: { functionName: $name, runtime: NODEJS20_X, handler: "index.handler", timeoutSeconds: 30,
    code: { files: [{ path: "index.mjs", content: $code }] } }) { userErrors { message } }
}`
const ENQUEUE = `mutation ($name: String!) {
  invoke(input: { functionName: $name, type: EVENT }) { statusCode requestId userErrors { message } }
}`

const LEDGER = `query ($after: String) {
  ledgerEntries(first: 100, after: $after) { nodes { requestId attempt } pageInfo { hasNextPage endCursor } }
}`

const INVOCATIONS = `query ($name: String!, $after: String) {
  function(functionName: $name) {
    invocations(first: 100, after: $after) {
      nodes { requestId status result attempts { number outcome cost } }
      pageInfo { hasNextPage endCursor }
    }
  }
}`

interface Invocation {
  readonly requestId: string
  readonly status: string
  readonly result: unknown
  readonly attempts: readonly { readonly number: number; readonly outcome: string; readonly cost: string | null }[]
}

interface Connection<Node> {
  readonly nodes: readonly Node[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}

async function allPages<Node>(read: (after: string | null) => Promise<Connection<Node>>): Promise<Node[]> {
  const all: Node[] = []
  let after: string | null = null
  for (;;) {
    const page: Connection<Node> = await read(after)
    all.push(...page.nodes)
    if (!page.pageInfo.hasNextPage) return all
    after = page.pageInfo.endCursor
  }
}

const invocationsOf = (name: string) =>
  allPages<Invocation>(
    async (after) => (await service.client.query(INVOCATIONS, { name, after })).data.function.invocations,
  )

/** Request id and attempt of each ledger entry. */
async function billed(): Promise<string[]> {
  const entries = await allPages<{ requestId: string; attempt: number }>(
    async (after) => (await service.client.query(LEDGER, { after })).data.ledgerEntries,
  )
  return entries.map(({ requestId, attempt }) => `${requestId} ${attempt}`)
}

async function accept(name: string, count: number): Promise<Set<string>> {
  const answers = await Promise.all(Array.from({ length: count }, () => service.client.query(ENQUEUE, { name })))
  for (const { data } of answers) expect(data.invoke).toMatchObject({ statusCode: 202, userErrors: [] })
  return new Set(answers.map(({ data }) => data.invoke.requestId as string))
}

async function untilFinished(name: string, count: number): Promise<Invocation[]> {
  return vi.waitFor(
    async () => {
      const invocations = await invocationsOf(name)
      expect(invocations.filter(({ status }) => status === 'SUCCEEDED' || status === 'FAILED')).toHaveLength(count)
      return invocations
    },
    { timeout: 90_000, interval: 250 },
  )
}

function expectHonestBills(invocations: readonly Invocation[], entries: readonly string[]): void {
  const ended = invocations.flatMap(({ requestId, attempts }) =>
    attempts.filter(({ outcome }) => outcome !== 'LOST').map(({ number }) => `${requestId} ${number}`),
  )
  expect(new Set(entries).size).toBe(entries.length)
  expect(new Set(entries)).toEqual(new Set(ended))
}

describe('200 asynchronous invocations', () => {
  it('all complete after the service was killed in their midst; each attempt that ran is billed once', async () => {
    const name = 'slow'
    await service.client.query(CREATE, {
      name,
      code: 'export const handler = async () => { await new Promise((r) => setTimeout(r, 1_000)); return "done" }',
    })
    const accepted = await accept(name, 200)
    await eventually(async () => {
      const invocations = await invocationsOf(name)
      expect(invocations.some(({ status }) => status === 'SUCCEEDED')).toBe(true)
      // Each takes a second: what runs now runs still when the kill comes.
      expect(invocations.some(({ attempts }) => attempts.at(-1)?.outcome === 'RUNNING')).toBe(true)
    })
    await service.kill()

    service = await startServiceProcess(script, folder.path)
    const invocations = await untilFinished(name, 200)
    expect(new Set(invocations.map(({ requestId }) => requestId))).toEqual(accepted)
    for (const { status, result, attempts } of invocations) {
      expect({ status, result }).toEqual({ status: 'SUCCEEDED', result: 'done' })
      expect(attempts.filter(({ outcome }) => outcome === 'SUCCEEDED')).toHaveLength(1)
    }
    expect(invocations.some(({ attempts }) => attempts.some(({ outcome }) => outcome === 'LOST'))).toBe(true)
    expectHonestBills(invocations, await billed())
  }, 180_000)

  it('all complete after PostgreSQL was killed in their midst', async () => {
    const name = 'slow'
    await service.client.query(CREATE, {
      name,
      code: 'export const handler = async () => { await new Promise((r) => setTimeout(r, 30)); return "done" }',
    })
    const accepted = await accept(name, 200)
    await eventually(async () => {
      expect((await invocationsOf(name)).filter(({ status }) => status === 'SUCCEEDED').length).toBeGreaterThan(5)
    })
    process.kill(readPostmasterFile(join(folder.path, 'postgres'))!.pid, 'SIGKILL')

    const invocations = await untilFinished(name, 200)
    expect(new Set(invocations.map(({ requestId }) => requestId))).toEqual(accepted)
    expectHonestBills(invocations, await billed())
  }, 180_000)
})

/** The name of a process; null where it has just ended. */
function nameOf(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  } catch {
    return null
  }
}

describe('a kill of the service', () => {
  it('ends all that it has started for functions, working or at rest, and the next start finds nothing of theirs', async () => {
    const code = 'export const handler = (event) => new Promise((r) => setTimeout(r, event === 1 ? 60_000 : 0))'
    await service.client.query(CREATE, { name: 'any', code })
    const invoke =
      'mutation ($payload: JSON) { invoke(input: { functionName: "any", payload: $payload }) { statusCode } }'
    const working = service.client.query(invoke, { payload: 1 }).catch(() => null)
    await service.client.query(invoke, { payload: 0 })
    const started = descendantsOf(service.child.process.pid!).filter((pid) => nameOf(pid) !== 'postgres')
    const processes = started.flatMap((pid) => identifyProcess(pid) ?? [])
    // Two sandboxes with their networks, and the shells that start them.
    expect(processes.length).toBeGreaterThan(8)
    await service.kill()
    await working
    await eventually(() => expect(processes.filter(isAlive)).toEqual([]))
    service = await startServiceProcess(script, folder.path)
    await service.client.query(invoke, { payload: 0 })
    expect(readdirSync(join(folder.path, 'sandboxes'))).toHaveLength(1)
  })
})

describe('a stop', () => {
  it('lets running invocations finish', async () => {
    const name = 'short'
    const code =
      'export const handler = async () => { await new Promise((r) => setTimeout(r, 1500)); return "finished" }'
    await service.client.query(CREATE, { name, code })
    const answer = service.client.query(
      `mutation { invoke(input: { functionName: "short" }) { payload userErrors { message } } }`,
    )
    await eventually(async () => {
      const { data } = await service.client.query(
        `{ function(functionName: "short") { logEvents { nodes { message } } } }`,
      )
      expect(
        data.function.logEvents.nodes.some(({ message }: { message: string }) => message.startsWith('START')),
      ).toBe(true)
    })
    const stopped = service.stop()
    expect((await answer).data.invoke).toEqual({ payload: 'finished', userErrors: [] })
    expect(await stopped).toBe(0)
    service = await startServiceProcess(script, folder.path)
  })

  it('hands asynchronous invocations back that do not finish in time, and the next start takes them up at once', async () => {
    await service.stop()
    service = await startServiceProcess(script, folder.path, ['--drain', '300ms'])
    const name = 'long'
    const code =
      'export const handler = async () => { await new Promise((r) => setTimeout(r, 4000)); return "finished" }'
    await service.client.query(CREATE, { name, code })
    const [requestId] = await accept(name, 1)
    await eventually(async () => expect((await invocationsOf(name))[0]?.status).toBe('RUNNING'))
    expect(await service.stop('SIGINT')).toBe(0)

    service = await startServiceProcess(script, folder.path)
    const [invocation] = await untilFinished(name, 1)
    expect(invocation).toMatchObject({ requestId, status: 'SUCCEEDED', result: 'finished' })
    expect(invocation!.attempts.map(({ outcome }) => outcome)).toEqual(['LOST', 'SUCCEEDED'])
    expectHonestBills([invocation!], await billed())
  }, 60_000)
})
