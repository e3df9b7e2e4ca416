import { afterAll, describe, expect, it } from 'vitest'
import type { EnvironmentSpec } from '../../src/environments/contract.ts'
import { findInterpreter } from '../../src/environments/interpreters.ts'
import { buildJava } from '../kit/javaPackages.ts'
import { temporaryFolder } from '../kit/temporaryFolder.ts'
import { createTestEnvironments, type Ran } from '../kit/testEnvironments.ts'

const kit = createTestEnvironments()
const folder = temporaryFolder()
afterAll(async () => {
  await kit[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const JAVAS = ['java17', 'java21'] as const
const MIB = 1024 * 1024

const messages = ({ lines }: Ran) => lines.map(({ message }) => message)
const failed = (failure: string, value: object) => ({
  outcome: expect.objectContaining({ kind: 'FAILED', failure }),
  value: expect.objectContaining(value),
})

const jdks = await Promise.all(JAVAS.map((runtime) => findInterpreter(runtime, '')))
const built = await buildJava(jdks.find((jdk) => jdk !== null) ?? null, folder.path)
const files = 'files' in built ? built.files : {}
const titled = (runtime: string, isHere: boolean) =>
  isHere && 'files' in built ? runtime : `${runtime} (skipped: ${'missing' in built ? built.missing : 'no JDK'})`

JAVAS.forEach((runtime, index) => {
  const jdk = jdks[index] ?? null
  describe.skipIf(jdk === null || 'missing' in built)(titled(runtime, jdk !== null), () => {
    const version = (handler: string, changes: Partial<EnvironmentSpec> = {}) =>
      kit.spec(files, { runtime, handler, ...changes })
    const runJava = (handler: string, event: unknown = {}, changes: Partial<EnvironmentSpec> = {}) =>
      kit.run(version(`example.${handler}`, changes), event)

    describe('a handler', () => {
      it.each([
        ['Methods::echo', { a: [1, 2.5, 'ü', null, true, { b: {} }], c: 12345678901234567890n.toString() }],
        ['Methods::echo', [1e300, -7, 9007199254740991, 'a"\\\n\u2028']],
        ['Streams', { streamed: ['as', 'it', 'is'] }],
        ['Streams::handleRequest', 'text'],
      ])('%s gives back what it got', async (handler, event) => {
        const ran = await runJava(handler, event)
        expect(ran).toMatchObject({ value: event, outcome: { kind: 'SUCCEEDED' } })
      })

      it.each([
        ['Methods::greet', 'Ada', 'hello Ada'],
        ['Methods::twice', 21, 42],
        ['Methods::doubled', [1, 4_000_000_000], [2, 8_000_000_000]],
        ['Methods::lengths', { a: ['x'], b: [] }, { a: 1, b: 0 }],
        ['Methods::nothing', {}, null],
        ['Methods::noEvent', {}, 'no event'],
        ['Methods::overloaded', 'x', 'long'],
        ['Methods::streamed', [1, 2], { read: [1, 2] }],
        ['Methods::plainText', {}, 'plain tested'],
      ])('%s of %j answers %j', async (handler, event, value) => {
        expect(await runJava(handler, event)).toMatchObject({ value, outcome: { kind: 'SUCCEEDED' } })
      })

      it('of objects gets and gives them as AWS\u2019s serialiser does', async () => {
        const ran = await runJava('Orders$Handler', {
          id: 'o-1',
          urgent: true,
          URGENT: false,
          colours: { RED: 1 },
          placed: '2026-11-23T10:00:00Z',
          unknown: { ignored: true },
          items: [
            { name: 'a', count: 3, price: 0.1 },
            { name: 'b', count: 1, price: 1234.5678, note: 'fragile' },
          ],
        })
        expect(ran.value).toEqual({
          id: 'o-1',
          order: {
            id: 'o-1',
            items: [
              { name: 'a', count: 3, price: 0.1, note: null },
              { name: 'b', count: 1, price: 1234.5678, note: 'fragile' },
            ],
            urgent: true,
          },
          total: 1234.8678,
          colours: { RED: 1 },
          rest: [Date.UTC(2026, 10, 23, 10), 0, 'NaN', 'c', 'AQI=', ['RED'], null],
          URLPath: '\u0000"\\\ud800',
        })
      })

      it('finds the jars of a layer in java/lib', async () => {
        const { 'lib/core.jar': core, ...classes } = files
        const layerSha256s = [kit.layer({ 'java/lib/core.jar': core! })]
        const spec = { runtime, handler: 'example.Methods::context' }
        expect((await kit.run(kit.spec(classes, { ...spec, layerSha256s }))).value).toMatchObject({ name: 'tested' })
        expect(await kit.run(kit.spec(classes, spec))).toMatchObject(failed('INIT_ERROR', {}))
      })

      it('is told of its event', async () => {
        const clientContext = '{"custom":{"a":"1"},"env":{"b":"2"},"client":{"app_title":"t"}}'
        const ran = await kit.run(version('example.Methods::context'), {}, undefined, { clientContext })
        expect(ran.value).toEqual({
          requestId: ran.requestId,
          name: 'tested',
          version: '$LATEST',
          arn: 'arn:aws:lambda:us-east-1:100000000001:function:tested',
          memory: 128,
          group: '/aws/lambda/tested',
          stream: ran.logStreamName,
          hasTime: true,
          client: ['1', '2', 't'],
        })
      })

      it('finds its variables, and so do children that it gives its environment', async () => {
        const ran = await runJava('Methods::surroundings', {}, { environment: { SECRET: 'schlüssel' } })
        expect(ran.value).toEqual({
          AWS_EXECUTION_ENV: `AWS_Lambda_${runtime}`,
          SECRET: 'schlüssel',
          _HANDLER: 'example.Methods::surroundings',
          trace: 'Root=1-0',
          property: 'Root=1-0',
          child: 'schlüssel',
          // The classes of the bootstrap are not loaded one by one: that is what makes a cold start short.
          hasArchive: true,
          folder: '/var/task',
          charset: 'UTF-8',
        })
      })

      it('keeps its instance and /tmp from one event to the next', async () => {
        const spec = version('example.Methods::counted')
        const [first, second] = [await kit.run(spec), await kit.run(spec)]
        expect([first.value, second.value]).toEqual([
          [1, 'x'],
          [2, 'xx'],
        ])
        expect([first.isColdStart, second.isColdStart]).toEqual([true, false])
        expect(first.initDurationUs).toBeLessThan(1_000_000)
        expect(first.initLines[0]?.message).toMatch(
          new RegExp(`^INIT_START Runtime Version: java:${runtime.slice(4)}\\.v${jdk?.version}\\t`),
        )
      })
    })

    describe('an error', () => {
      it('is the error object of AWS (recorded fact 81), and one event with its trace', async () => {
        const ran = await runJava('Methods::fail', 'no\ngood')
        const frame = expect.stringMatching(/^example\.Methods\.fail\(Methods\.java:\d+\)$/)
        expect(ran.outcome).toMatchObject({ failure: 'HANDLER_ERROR' })
        expect(ran.value).toEqual({
          errorMessage: 'no\ngood',
          errorType: 'java.lang.IllegalStateException',
          stackTrace: [frame],
        })
        expect(messages(ran)).toEqual([
          expect.stringMatching(
            /^no\ngood: java\.lang\.IllegalStateException\njava\.lang\.IllegalStateException: no\ngood\n\tat example\.Methods\.fail\(Methods\.java:\d+\)\nCaused by: java\.io\.IOException: the cause\n\t\.\.\. 1 more$/,
          ),
        ])
      })

      it.each([
        ['without a message has its class as one', 'Methods::failSilently', 'java.lang.NullPointerException'],
        ['that cannot be shown is still one', 'Methods::failHostilely', 'example.Methods$1'],
      ])('%s', async (_, handler, errorType) => {
        expect(await runJava(handler)).toMatchObject(failed('HANDLER_ERROR', { errorType, errorMessage: errorType }))
      })

      it.each([
        ['Methods::twice', 'many'],
        ['Methods::twice', 4_000_000_000],
        ['Methods::greet', { name: 'Ada' }],
        ['Methods::doubled', { not: 'a list' }],
      ])('of %s is an event %j that does not fit', async (handler, event) => {
        const value = { errorType: 'java.lang.RuntimeException', errorMessage: 'An error occurred during JSON parsing' }
        const ran = await runJava(handler, event)
        expect(ran).toMatchObject(failed('HANDLER_ERROR', value))
        expect(messages(ran)[0]).toContain(
          'Caused by: java.lang.IllegalArgumentException: Cannot deserialize value of type',
        )
      })

      it('of a result that is no JSON says so', async () => {
        const errorMessage = 'An error occurred during JSON serialization of response'
        const ran = await runJava('Methods::endless')
        expect(ran).toMatchObject(
          failed('UNSERIALISABLE_RESULT', { errorType: 'java.lang.RuntimeException', errorMessage }),
        )
      })

      it('of a result that is too large says so, and the next event is handled', async () => {
        const spec = version('example.Methods::large', { memoryMiB: 512 })
        const errorMessage = `Response payload size exceeded maximum allowed payload size (${6 * MIB + 100} bytes).`
        const value = { errorType: 'Function.ResponseSizeTooLarge', errorMessage }
        expect(await kit.run(spec)).toMatchObject(failed('RESPONSE_TOO_LARGE', value))
        expect(await kit.run(spec)).toMatchObject({ isColdStart: false })
      })

      it.each([
        ['Methods::recurse', 1, 'java.lang.StackOverflowError'],
        ['Methods::exhaust', {}, 'java.lang.OutOfMemoryError'],
      ])('of the virtual machine in %s is told, and ends the environment', async (handler, event, errorType) => {
        const spec = version(`example.${handler}`)
        expect(await kit.run(spec, event)).toMatchObject(failed('HANDLER_ERROR', { errorType }))
        expect((await kit.run(spec, event)).isColdStart).toBe(true)
      })
    })

    it.each([
      [0, 'Runtime exited without providing a reason'],
      [3, 'Runtime exited with error: exit status 3'],
    ])('a process that ends with %j is Runtime.ExitError (recorded facts 83 and 84)', async (code, reason) => {
      const ran = await runJava('Methods::exit', code)
      const errorMessage = `RequestId: ${ran.requestId} Error: ${reason}`
      expect(ran).toMatchObject(failed('CRASH', { errorType: 'Runtime.ExitError', errorMessage }))
      expect(messages(ran)).toContain('before')
    })

    describe('an init error', () => {
      it.each([
        ['example.Nowhere', 'java.lang.ClassNotFoundException', 'Class not found: example.Nowhere'],
        ['example.Methods::', undefined, "Invalid handler: `example.Methods::'"],
        [
          'example.Methods::nowhere',
          undefined,
          'No public method named nowhere with appropriate method signature found on class example.Methods',
        ],
        [
          'example.Broken::unsuitable',
          undefined,
          'No public method named unsuitable with appropriate method signature found on class example.Broken',
        ],
        [
          'example.Broken$NoInterface',
          undefined,
          'Class does not implement an appropriate handler interface: example.Broken$NoInterface',
        ],
        [
          'example.Broken$Inner::handle',
          'java.lang.Exception',
          'Class example.Broken$Inner cannot be instantiated because it is a non-static inner class',
        ],
        [
          'example.Broken$NeedsArgument::handle',
          'java.lang.Exception',
          'Class example.Broken$NeedsArgument has no public zero-argument constructor',
        ],
        ['example.Broken$FailsToConstruct::handle', 'java.lang.IllegalStateException', 'no configuration'],
      ])('is the handler %s', async (handler, errorType, errorMessage) => {
        const ran = await kit.run(version(handler))
        expect(ran.outcome).toMatchObject({ failure: 'INIT_ERROR' })
        expect(ran.value).toEqual(errorType === undefined ? { errorMessage } : { errorMessage, errorType })
        expect(ran.initLines.at(-1)?.message).toContain(errorMessage)
      })

      it('is a process that ends while its code loads', async () => {
        const ran = await runJava('Broken$Exits::handle')
        const errorMessage = `RequestId: ${ran.requestId} Error: Runtime exited with error: exit status 4`
        expect(ran).toMatchObject(failed('CRASH', { errorMessage }))
      })
    })

    it('what code writes is in the log: printed by line, logged as one record', async () => {
      const ran = await runJava('Methods::log')
      const written = (source: string) =>
        ran.lines.filter((line) => line.source === source).map(({ message }) => message)
      expect(written('STDERR')).toEqual(['to standard error: ü'])
      expect(written('STDOUT').sort()).toEqual([
        'in two lines',
        'logged\nas one',
        'no end',
        'of the library\nas one',
        'printed',
      ])
    })
  })
})
