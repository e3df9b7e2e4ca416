import { afterAll, describe, expect, it } from 'vitest'
import { createAttacked } from './attack.ts'

const attacked = createAttacked()
afterAll(() => attacked[Symbol.asyncDispose]())

const MIB = 1024 * 1024

describe('a function cannot use more than it was granted', () => {
  it('memory: the environment ends as out of memory', async () => {
    const { outcome, maxMemoryMiB } = await attacked.attack(
      attacked.python(`
def handler(event, context):
    held = []
    while True:
        held.append(bytearray(4 * 1024 * 1024))
`),
    )
    expect(outcome).toMatchObject({ kind: 'FAILED', failure: 'CRASH' })
    expect(JSON.parse(outcome.payload)).toEqual({
      errorType: 'Runtime.OutOfMemory',
      errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Runtime exited with error: signal: killed$/),
    })
    expect(maxMemoryMiB).toBeGreaterThan(64)
  })

  it('memory of its children counts too', async () => {
    const { outcome } = await attacked.attack(
      attacked.python(
        `
import os, time
def handler(event, context):
    for _ in range(4):
        if os.fork() == 0:
            held = bytearray(60 * 1024 * 1024)
            time.sleep(30)
            os._exit(0)
    time.sleep(20)
`,
        { timeoutMs: 25_000 },
      ),
    )
    expect(JSON.parse(outcome.payload)).toMatchObject({ errorType: 'Runtime.OutOfMemory' })
  })

  it('disk: /tmp is full at its size, and files in it are not taken for memory', async () => {
    const { value } = await attacked.attack(
      attacked.python(
        `
import os
def handler(event, context):
    block, written = bytes(1024 * 1024), 0
    try:
        with open('/tmp/fill', 'wb', buffering=0) as file:
            while True:
                written += file.write(block)
    except OSError as error:
        return {'written': written, 'error': error.strerror}
`,
        { ephemeralStorageMiB: 512 },
      ),
    )
    const { written, error } = value as { written: number; error: string }
    expect(error).toBe('No space left on device')
    expect(written).toBeGreaterThan(500 * MIB)
    expect(written).toBeLessThanOrEqual(512 * MIB)
  })

  it('files without a name and shared memory are not a way around the limits', async () => {
    const { outcome } = await attacked.attack(
      attacked.python(
        `
import os, time
def handler(event, context):
    block = bytes(1024 * 1024)
    for number in range(32):
        file = os.memfd_create(f'hidden{number}')
        for _ in range(64):
            os.write(file, block)
    return 'held'
`,
        { ephemeralStorageMiB: 512 },
      ),
    )
    expect(outcome).toMatchObject({ kind: 'FAILED', failure: 'CRASH' })
  })

  it('processes: a fork bomb runs into its limit', async () => {
    const { value } = await attacked.attack(
      attacked.python(
        `
import os, signal
def handler(event, context):
    children, error = [], None
    while error is None:
        try:
            pid = os.fork()
        except OSError as failure:
            error = failure.strerror
            break
        if pid == 0:
            signal.pause()
        children.append(pid)
    for pid in children:
        os.kill(pid, signal.SIGKILL)
    for pid in children:
        os.waitpid(pid, 0)
    return {'children': len(children), 'error': error}
`,
        { memoryMiB: 2048, timeoutMs: 25_000 },
      ),
    )
    expect(value).toMatchObject({ error: 'Resource temporarily unavailable' })
    expect((value as { children: number }).children).toBeLessThanOrEqual(1024)
  })

  it('processes: a fork bomb that does not stop itself is stopped by the timeout', async () => {
    const { outcome } = await attacked.attack(
      attacked.python(
        `
import os
def handler(event, context):
    while True:
        try:
            os.fork()
        except OSError:
            pass
`,
        { memoryMiB: 512, timeoutMs: 2_000 },
      ),
    )
    expect(outcome.kind).toBe('FAILED')
  })

  it('descriptors: at most 1,024', async () => {
    const { value } = await attacked.attack(
      attacked.python(`
import os
def handler(event, context):
    opened = []
    try:
        while True:
            opened.append(os.open('/dev/null', os.O_RDONLY))
    except OSError as error:
        answer = {'count': len(opened), 'error': error.strerror}
    for descriptor in opened:
        os.close(descriptor)
    return answer
`),
    )
    const { count, error } = value as { count: number; error: string }
    expect(error).toBe('Too many open files')
    expect(count).toBeLessThan(1024)
  })

  it('limits cannot be raised', async () => {
    const { value } = await attacked.attack(
      attacked.python(`
import resource
def handler(event, context):
    raised = []
    for name in ('NOFILE', 'NPROC', 'CORE', 'MEMLOCK', 'MSGQUEUE'):
        kind = getattr(resource, 'RLIMIT_' + name)
        try:
            resource.setrlimit(kind, (1 << 20, 1 << 20))
            raised.append(name)
        except (OSError, ValueError):
            pass
    return {'raised': raised, 'core': resource.getrlimit(resource.RLIMIT_CORE)}
`),
    )
    expect(value).toEqual({ raised: [], core: [0, 0] })
  })

  it('processor: a busy function does not keep others from answering', async () => {
    const busy = attacked.node('for (;;);', { timeoutMs: 3_000 })
    const runs = [attacked.run(busy), attacked.run(busy), attacked.run(busy)]
    const { outcome } = await attacked.attack(attacked.node('return 1'))
    expect(outcome).toEqual({ kind: 'SUCCEEDED', payload: '1' })
    for (const { outcome: ended } of await Promise.all(runs)) expect(ended).toMatchObject({ failure: 'TIMEOUT' })
  })
})

describe('a function that floods its log', () => {
  const LINES = 200_000
  const FLOOD = `
import os, sys
def handler(event, context):
    descriptor = event['descriptor']
    line = b'x' * 199 + b'\\n'
    for _ in range(${LINES} // 100):
        data = line * 100
        while data:
            data = data[os.write(descriptor, data):]
    return 'flooded'
`
  it.each([1, 2])(
    'waits for its reader on descriptor %i: nothing is lost, and the memory of the service does not grow',
    async (descriptor) => {
      const spec = attacked.python(FLOOD, { timeoutMs: 60_000 })
      const before = process.memoryUsage().rss
      let most = before
      let count = 0
      await using environment = await attacked.pool.reserve(spec, () => undefined, { waitMs: 20_000 })
      const { outcome } = await environment.invoke(
        {
          requestId: 'flood',
          payload: JSON.stringify({ descriptor }),
          invokedFunctionArn: 'arn',
          clientContext: null,
          traceId: '',
          billingStepMs: 100,
        },
        () => {
          count += 1
          if (count % 1_000 !== 0) return undefined
          most = Math.max(most, process.memoryUsage().rss)
          return new Promise((resolve) => setImmediate(resolve))
        },
      )
      expect(outcome).toEqual({ kind: 'SUCCEEDED', payload: '"flooded"' })
      expect(count).toBe(LINES)
      expect(most - before).toBeLessThan(150 * MIB)
    },
  )

  it('cannot fill the memory of the service with one line that never ends', async () => {
    const spec = attacked.python(
      `
import os
def handler(event, context):
    data = b'y' * 65536
    for _ in range(160):
        left = data
        while left:
            left = left[os.write(1, left):]
    return 'done'
`,
      { timeoutMs: 30_000 },
    )
    const { outcome, lines } = await attacked.attack(spec)
    expect(outcome).toEqual({ kind: 'SUCCEEDED', payload: '"done"' })
    const output = lines.filter(({ source }) => source === 'STDOUT')
    expect(output.map(({ message }) => message).join('')).toBe('y'.repeat(65536 * 160))
    for (const { message } of output) expect(message.length).toBeLessThanOrEqual(256 * 1024)
  })
})
