import { afterAll, describe, expect, it } from 'vitest'
import type { EnvironmentSpec } from '../../src/environments/contract.ts'
import { findInterpreter } from '../../src/environments/interpreters.ts'
import { buildDotnet } from '../kit/dotnetPackages.ts'
import { temporaryFolder } from '../kit/temporaryFolder.ts'
import { createTestEnvironments, type Ran } from '../kit/testEnvironments.ts'

const kit = createTestEnvironments()
const folder = temporaryFolder()
afterAll(async () => {
  await kit[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const MIB = 1024 * 1024
const runtime = 'dotnet8'

const messages = ({ lines }: Ran) => lines.map(({ message }) => message)
const failed = (failure: string, value: object) => ({
  outcome: expect.objectContaining({ kind: 'FAILED', failure }),
  value: expect.objectContaining(value),
})

const dotnet = await findInterpreter(runtime, '')
const built = await buildDotnet(dotnet, folder.path)
const title = 'missing' in built ? `C# (skipped: ${built.missing})` : 'C#'

describe.skipIf('missing' in built)(title, () => {
  const version = (handler: string, changes: Partial<EnvironmentSpec> = {}) =>
    kit.spec('files' in built ? built.files : {}, { runtime, handler, ...changes })
  const runDotnet = (method: string, event: unknown = {}, changes: Partial<EnvironmentSpec> = {}) =>
    kit.run(version(`Function::Example.Methods::${method}`, changes), event)

  describe('a handler', () => {
    it.each([[{ a: [1, 2.5, 'ü', null, true, { b: {} }] }], [[1e300, -7, 9007199254740991, 'a"\\\n\u2028']]])(
      'gives back %j as it got it',
      async (event) => {
        for (const method of ['Echo', 'Streamed']) expect((await runDotnet(method, event)).value).toEqual(event)
      },
    )

    it.each([
      ['Greet', 'Ada', 'hello Ada'],
      ['Twice', 21, 42],
      ['Doubled', [1, 4_000_000_000], [2, 8_000_000_000]],
      ['Lengths', { a: ['x'], b: [] }, { a: 1, b: 0 }],
      ['Nothing', {}, null],
      ['NoEvent', {}, 'no event'],
      ['Async', 'x', 'later x'],
      ['AsyncNothing', {}, null],
      ['PlainText', {}, 'plain tested'],
      ['Serialized', 'hey', { shouted: 'HEY!' }],
    ])('%s of %j answers %j', async (method, event, value) => {
      expect(await runDotnet(method, event)).toMatchObject({ value, outcome: { kind: 'SUCCEEDED' } })
    })

    it('of objects gets and gives them as AWS\u2019s serialiser does', async () => {
      const Reference = '0f8fad5b-d9cb-469f-a165-70867728950e'
      const event = {
        id: 'o-1',
        COLOURS: { Red: 1 },
        tags: ['a', 'a', 'b'],
        placed: '2026-11-23T10:00:00Z',
        reference: Reference,
        unknown: { ignored: true },
        items: [{ name: 'a', count: 3, price: 0.1 }],
      }
      expect((await kit.run(version('Function::Example.Orders::Handle'), event)).value).toEqual({
        order: {
          Id: 'o-1',
          Items: [{ Name: 'a', Count: 3, Price: 0.1 }],
          Colours: { Red: 1 },
          Tags: ['a', 'b'],
          Placed: '2026-11-23T10:00:00Z',
          Reference,
        },
        total: 0.3,
        rest: [1, 'c', 'AQI=', 1.5, null, '\u0000"\\\ud800', 'http://a/b'],
      })
    })

    it('is told of its event', async () => {
      const clientContext = '{"custom":{"a":"1"},"env":{"b":"2"},"client":{"app_title":"t"}}'
      const ran = await kit.run(version('Function::Example.Methods::Context'), {}, undefined, { clientContext })
      expect(ran.value).toEqual({
        requestId: ran.requestId,
        name: 'tested',
        version: '$LATEST',
        arn: 'arn:aws:lambda:us-east-1:100000000001:function:tested',
        memory: 128,
        group: '/aws/lambda/tested',
        stream: ran.logStreamName,
        hasTime: true,
        hasIdentity: false,
        client: ['1', '2', 't'],
      })
    })

    it('finds its variables, and so do its children', async () => {
      const ran = await runDotnet('Surroundings', {}, { environment: { SECRET: 'schlüssel' } })
      expect(ran.value).toEqual({
        name: 'AWS_Lambda_dotnet8',
        secret: 'schlüssel',
        trace: 'Root=1-0',
        child: 'schlüssel',
        folder: '/var/task',
      })
    })

    it('keeps its instance and /tmp from one event to the next', async () => {
      const spec = version('Function::Example.Methods::Counted')
      const [first, second] = [await kit.run(spec), await kit.run(spec)]
      expect([first.value, second.value]).toEqual([
        [1, 'x'],
        [2, 'xx'],
      ])
      expect([first.isColdStart, second.isColdStart]).toEqual([true, false])
      expect(first.initLines[0]?.message).toContain(`INIT_START Runtime Version: dotnet:8.v${dotnet?.version}\t`)
    })
  })

  describe('an error', () => {
    it('is the error object of AWS with its causes, and one event with its trace', async () => {
      const ran = await runDotnet('Fail', 'no\ngood')
      expect(ran.outcome).toMatchObject({ failure: 'HANDLER_ERROR' })
      expect(ran.value).toEqual({
        errorType: 'InvalidOperationException',
        errorMessage: 'no\ngood',
        stackTrace: [expect.stringMatching(/^at Example\.Methods\.Fail ?\(/)],
        cause: { errorType: 'IOException', errorMessage: 'the cause' },
      })
      expect(messages(ran)).toEqual([
        expect.stringMatching(
          /^\S+Z\t[-0-9a-f]{36}\tfail\tSystem\.InvalidOperationException: no\ngood\n {3}at Example\.Methods\.Fail[^\n]*\n ---> System\.IO\.IOException: the cause$/,
        ),
      ])
    })

    it('of a task is the one that was thrown', async () => {
      const value = { errorType: 'InvalidOperationException', errorMessage: 'later' }
      expect(await runDotnet('FailLater', 'later')).toMatchObject(failed('HANDLER_ERROR', value))
    })

    it.each([
      ['Twice', 'many'],
      ['Twice', 4_000_000_000],
      ['Twice', 1.5],
      ['Greet', { name: 'Ada' }],
      ['Doubled', { not: 'a list' }],
    ])('of %s is an event %j that does not fit', async (method, event) => {
      const errorMessage = expect.stringContaining('The JSON value could not be converted to System.')
      const value = { errorType: 'InvalidCastException', errorMessage }
      expect(await runDotnet(method, event)).toMatchObject(failed('HANDLER_ERROR', value))
    })

    it.each([
      ['Endless', 'A possible object cycle was detected'],
      ['NotANumber', 'cannot be written as valid JSON'],
    ])('of the result of %s says so', async (method, text) => {
      const value = { errorType: 'InvalidOperationException', errorMessage: expect.stringContaining(text) }
      expect(await runDotnet(method)).toMatchObject(failed('UNSERIALISABLE_RESULT', value))
    })

    it('of a result that is too large says so, and the next event is handled', async () => {
      const spec = version('Function::Example.Methods::Large', { memoryMiB: 512 })
      const errorMessage = `Response payload size exceeded maximum allowed payload size (${6 * MIB + 100} bytes).`
      const value = { errorType: 'Function.ResponseSizeTooLarge', errorMessage }
      expect(await kit.run(spec)).toMatchObject(failed('RESPONSE_TOO_LARGE', value))
      expect(await kit.run(spec)).toMatchObject({ isColdStart: false })
    })
  })

  it.each([
    [0, 'Runtime exited without providing a reason'],
    [3, 'Runtime exited with error: exit status 3'],
  ])('a process that ends with %j is Runtime.ExitError (recorded facts 83 and 84)', async (code, reason) => {
    const ran = await runDotnet('Exit', code)
    const errorMessage = `RequestId: ${ran.requestId} Error: ${reason}`
    expect(ran).toMatchObject(failed('CRASH', { errorType: 'Runtime.ExitError', errorMessage }))
    expect(messages(ran)[0]).toMatch(/\tinfo\tbefore$/)
  })

  it.each([
    ['Function', "Invalid lambda function handler: 'Function'. The valid format is 'ASSEMBLY::TYPE::METHOD'."],
    ['Function::::Echo', "the type is missing. The valid format is 'ASSEMBLY::TYPE::METHOD'."],
    [
      'Nowhere::Example.Methods::Echo',
      "Could not find the specified handler assembly with the file name 'Nowhere'. The assembly should be located in the root of your uploaded .zip file.",
    ],
    ['Function::Example.Nowhere::Echo', "Unable to load type 'Example.Nowhere' from assembly 'Function'."],
    [
      'Function::Example.Methods::Nowhere',
      "Unable to find method 'Nowhere' in type 'Example.Methods' from assembly 'Function': Found no methods matching method name 'Nowhere'.",
    ],
    ['Function::Example.Methods::Overloaded', 'appears to have a number of overloads.'],
    ['Function::Example.Methods::TooMany', 'is not supported: the method has more than 2 parameters.'],
    ['Function::Example.Methods::AsyncVoid', "because it is an 'async void' method."],
  ])('the handler %s is an init error in the words of AWS', async (handler, text) => {
    const value = { errorType: 'LambdaValidationException', errorMessage: expect.stringContaining(text) }
    expect(await kit.run(version(handler))).toMatchObject(failed('INIT_ERROR', value))
  })

  it('a class that cannot be constructed is an init error', async () => {
    const value = { errorType: 'InvalidOperationException', errorMessage: 'no configuration' }
    const ran = await kit.run(version('Function::Example.FailsToConstruct::Handle'))
    expect(ran).toMatchObject(failed('INIT_ERROR', value))
  })

  it('what code writes has time, request and level before it, unless the function wants it plain', async () => {
    const written = ['printed\nas one', '7', 'to standard error: ü', 'logged\nas one', 'no end']
    const ran = await runDotnet('Log')
    const formatted = messages(ran).map((message) => message.split('\t'))
    expect(formatted.map(([, , , text]) => text)).toEqual(written)
    expect(formatted.map(([, , level]) => level)).toEqual(['info', 'info', 'fail', 'info', 'info'])
    for (const [time, requestId] of formatted) {
      expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
      expect(requestId).toBe(ran.requestId)
    }
    const plain = await runDotnet('Log', {}, { environment: { AWS_LAMBDA_HANDLER_LOG_FORMAT: 'Unformatted' } })
    expect(messages(plain)).toEqual(written)
  })
})
