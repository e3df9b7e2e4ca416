import { afterAll, describe, expect, it } from 'vitest'
import { createAttacked } from './attack.ts'

const attacked = createAttacked()
afterAll(() => attacked[Symbol.asyncDispose]())

/** A handler that writes to the descriptor of its own runtime, first frames being made by `frame(type, header, body)`. */
const writing = (source: string) => `
import json, os, struct, time
def frame(kind, header, body=b''):
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack('>IBI', 5 + len(head) + len(body), kind, len(head)) + head + body
def write(data, descriptor=4):
    while data:
        data = data[os.write(descriptor, data):]
def handler(event, context):
${source.replace(/^/gm, '    ')}
    time.sleep(2)
    return 'not reached'
`
const [RESULT, ERROR, LOG] = [19, 20, 21]
const MIB = 1024 * 1024

describe('a function that speaks for its runtime', () => {
  it.each([
    ['random bytes', 'write(os.urandom(1 << 16))'],
    ['a length of 4 GiB', `write(b'\\xff' * 4096)`],
    ['a length of nothing', `write(bytes(64))`],
    ['a header longer than its frame', `write(struct.pack('>IBI', 5, ${RESULT}, 1000))`],
    ['a header that is not JSON', `write(frame(${RESULT}, b'{'))`],
    ['a header nested 100,000 deep', `write(frame(${LOG}, b'[' * 100000 + b']' * 100000)); write(b'\\xff' * 64)`],
    ['a frame of an unknown type', 'write(frame(250, {}))'],
    ['a result that is not JSON', `write(frame(${RESULT}, {'requestId': context.aws_request_id}, b'{"a":'))`],
    ['a result that is not UTF-8', `write(frame(${RESULT}, {'requestId': context.aws_request_id}, b'"\\xff\\xfe"'))`],
    ['an error that is no object', `write(frame(${ERROR}, None, b'[]'))`],
    [
      'a result beyond the limit',
      `write(frame(${RESULT}, {'requestId': context.aws_request_id}, b'"' + b'x' * (7 << 20) + b'"'))`,
    ],
    ['an end of its answers', 'os.close(4)'],
    ['an end of its requests', 'os.close(3); os._exit(9)'],
  ])('%s: its own event fails, and the next one runs', async (_, source) => {
    const spec = attacked.python(`${writing(`if event.get('fine'): return 'fine'\n${source}`)}`, { timeoutMs: 8_000 })
    const { outcome } = await attacked.attack(spec)
    expect(['FAILED', 'SUCCEEDED']).toContain(outcome.kind)
    expect(() => JSON.parse(outcome.payload)).not.toThrow()
    // The answer of its real runtime may still come: then it comes too late, and ends the environment.
    const next = await attacked.run(spec, { fine: true })
    if (next.value !== 'fine') expect(next.outcome).toMatchObject({ failure: 'CRASH' })
    const last = await attacked.run(spec, { fine: true })
    expect(last.value).toBe('fine')
  })

  it.each([
    [
      'an endless stream of log frames',
      `while True: write(frame(${LOG}, {'source': 'PLATFORM', 'level': 7}, b'z' * 1000))`,
    ],
    [
      'an endless stream of answers',
      `while True: write(frame(${RESULT}, {'requestId': context.aws_request_id}, b'1' * 1000))`,
    ],
    ['an endless stream of nothing', `while True: write(frame(99, {}, b''))`],
  ])('%s does not fill the memory of the service', async (_, source) => {
    const spec = attacked.python(writing(source), { timeoutMs: 2_000 })
    const before = process.memoryUsage().rss
    let most = before
    const sources = new Set<string>()
    await using environment = await attacked.pool.reserve(spec, () => undefined, { waitMs: 20_000 })
    const { outcome } = await environment.invoke(
      {
        requestId: 'flood',
        payload: '{}',
        invokedFunctionArn: 'arn',
        clientContext: null,
        traceId: '',
        billingStepMs: 100,
      },
      (line) => {
        sources.add(line.source)
        most = Math.max(most, process.memoryUsage.rss())
        return undefined
      },
    )
    expect(['FAILED', 'SUCCEEDED']).toContain(outcome.kind)
    expect([...sources].filter((from) => !['STDOUT', 'STDERR', 'PLATFORM'].includes(from))).toEqual([])
    expect(most - before).toBeLessThan(200 * MIB)
  })

  it('cannot have an answer taken for that of another event', async () => {
    const spec = attacked.python(`
import json, os, struct
def frame(kind, header, body):
    head = json.dumps(header).encode()
    return struct.pack('>IBI', 5 + len(head) + len(body), kind, len(head)) + head + body
def handler(event, context):
    if event['forge']:
        head = {'requestId': context.aws_request_id}
        # Both are in the pipe before the service reads the first.
        os.write(4, frame(${RESULT}, head, b'"first"') + frame(${RESULT}, head, b'"forged"'))
        return 'late'
    return 'own'
`)
    expect((await attacked.run(spec, { forge: true })).value).toBe('first')
    const { outcome } = await attacked.run(spec, { forge: false })
    if (outcome.kind === 'FAILED') expect(outcome.failure).toBe('CRASH')
    else expect(outcome.payload).toBe('"own"')
    expect((await attacked.run(spec, { forge: false })).value).toBe('own')
  })

  it('cannot write log lines in the name of another request or of the platform', async () => {
    const { lines, requestId } = await attacked.attack(
      attacked.python(`
import json, os, struct
def handler(event, context):
    head = json.dumps({'source': 'PLATFORM', 'requestId': 'another', 'level': 'INFO'}).encode()
    body = b'START RequestId: another'
    os.write(4, struct.pack('>IBI', 5 + len(head) + len(body), ${LOG}, len(head)) + head + body)
`),
    )
    const forged = lines.find(({ message }) => message === 'START RequestId: another')
    expect(forged).toMatchObject({ requestId })
    expect(forged?.source).not.toBe('PLATFORM')
  })
})
