import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createBubblewrapDriver } from '../../src/environments/drivers/bubblewrap.ts'
import type { Driver, Sandbox, SandboxSpec } from '../../src/environments/drivers/contract.ts'
import { createProcessDriver } from '../../src/environments/drivers/process.ts'
import { findInterpreter, type Interpreter } from '../../src/environments/interpreters.ts'
import { PlatformFault } from '../../src/errors.ts'
import { INSTALLATION_FOLDER } from '../../src/installation.ts'
import { type TemporaryFolder, temporaryFolder } from '../kit/temporaryFolder.ts'

const ROOTFS = join(INSTALLATION_FOLDER, 'src', 'environments', 'rootfs')
const PROGRAM = '/usr/bin/bwrap'

const drivers: Record<string, (runFolder: string) => Driver & Partial<Disposable>> = {
  bubblewrap: (runFolder) =>
    createBubblewrapDriver({ program: PROGRAM, rootfs: ROOTFS, runFolder, network: null, onError: console.error }),
  process: createProcessDriver,
}

describe.each(Object.keys(drivers))('the driver %s', (name) => {
  let driver: Driver & Partial<Disposable>
  let interpreter: Interpreter
  let folder: TemporaryFolder
  beforeAll(async () => {
    folder = temporaryFolder()
    driver = drivers[name]!(join(folder.path, 'run'))
    const found = await findInterpreter('nodejs20.x', process.execPath)
    interpreter = found ?? (await findInterpreter('nodejs24.x', process.execPath))!
  })
  afterAll(() => {
    driver[Symbol.dispose]?.()
    folder[Symbol.dispose]()
  })

  /** Starts a sandbox that runs a script as its bootstrap. */
  function start(script: string, changes: Partial<SandboxSpec> = {}): Promise<Sandbox> {
    const id = randomBytes(16).toString('hex')
    const [codeFolder, bootstrapFolder] = [join(folder.path, id, 'code'), join(folder.path, id, 'bootstrap')]
    for (const path of [codeFolder, bootstrapFolder]) mkdirSync(path, { recursive: true })
    writeFileSync(join(codeFolder, 'code.txt'), 'the code')
    writeFileSync(join(bootstrapFolder, 'main.cjs'), script)
    return driver.start({
      languageFolder: interpreter.languageFolder,
      command: [interpreter.sandboxPath, '/var/runtime/main.cjs'],
      codeFolder,
      layersFolder: null,
      links: {},
      bootstrapFolder,
      environment: { PATH: '/var/lang/bin:/usr/bin:/bin', NAME: 'a value with spaces = and "quotes"' },
      hasRuntimeApi: false,
      isSupervised: false,
      networkAccess: 'NONE',
      memoryMiB: 128,
      ephemeralStorageMiB: 64,
      ...changes,
    })
  }

  it('hands bytes on in both directions as they are, and as many as there are', async () => {
    const sandbox = await start(
      `require('node:fs').createReadStream(null, { fd: 3 }).pipe(require('node:fs').createWriteStream(null, { fd: 4 }))`,
    )
    const sent = randomBytes(5 * 1024 * 1024)
    sandbox.requests.end(sent)
    const chunks: Buffer[] = []
    for await (const chunk of sandbox.answers) chunks.push(chunk as Buffer)
    expect(Buffer.concat(chunks).equals(sent)).toBe(true)
    expect(await sandbox.ended).toMatchObject({ exitCode: 0, signal: null, isOutOfMemory: false })
  })

  it('has no Runtime API unless it is asked for one', async () => {
    const sandbox = await start('console.log(process.env.AWS_LAMBDA_RUNTIME_API)')
    expect(sandbox.runtimeApi).toBeNull()
    expect(await text(sandbox.stdout)).toBe('undefined\n')
  })

  it('has the socket of its Runtime API listen before its command starts', async () => {
    const sandbox = await start(
      `const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':')
       require('node:net').connect(Number(port), host).on('data', (data) => {
         process.stdout.write(data)
         process.exit(0)
       })`,
      { hasRuntimeApi: true },
    )
    sandbox.runtimeApi!.on('connection', (connection) => connection.end('from the service'))
    expect(await text(sandbox.stdout)).toBe('from the service')
    expect(await sandbox.ended).toMatchObject({ exitCode: 0, wasStarted: true })
    sandbox.runtimeApi!.close()
  })

  it('has a way back to what listens on its own loopback, and says so where nobody does', async () => {
    const sandbox = await start(
      `const server = require('node:net').createServer((socket) => socket.pipe(socket))
       server.listen(0, '127.0.0.1', () => console.log(server.address().port))`,
      { hasRuntimeApi: true },
    )
    const [port] = (await once(sandbox.stdout, 'data')) as [Buffer]
    const socket = await sandbox.connect!(Number(port))
    socket.write('there and back')
    expect(String(await once(socket, 'data'))).toBe('there and back')
    await expect(sandbox.connect!(1)).rejects.toThrow('ECONNREFUSED')
    sandbox.kill()
    await sandbox.ended
    socket.destroy()
    sandbox.runtimeApi!.close()
  })

  it('tells standard output and standard error apart, and gives no input', async () => {
    const sandbox = await start(`
      console.log('out ' + require('node:fs').readFileSync(0).length)
      console.error('err')`)
    expect(await Promise.all([text(sandbox.stdout), text(sandbox.stderr)])).toEqual(['out 0\n', 'err\n'])
  })

  it('tells how a command ended: by an exit code or by a signal', async () => {
    const exited = await start('process.exit(7)')
    expect(await exited.ended).toEqual({ exitCode: 7, signal: null, isOutOfMemory: false, wasStarted: true })
    const killed = await start(`process.kill(process.pid, 'SIGKILL')`)
    expect(await killed.ended).toEqual({ exitCode: null, signal: 'SIGKILL', isOutOfMemory: false, wasStarted: true })
  })

  it('gives the environment variables of the spec, the code as the working folder, and a /tmp of its own', async () => {
    const sandbox = await start(`
      const { readFileSync, writeFileSync } = require('node:fs')
      writeFileSync(require('node:os').tmpdir() + '/file', '')
      console.log(JSON.stringify([process.env.NAME, readFileSync('code.txt', 'utf8'), Object.keys(process.env).includes('HOME')]))`)
    expect(JSON.parse(await text(sandbox.stdout))).toEqual(['a value with spaces = and "quotes"', 'the code', false])
  })

  it('kills a sandbox with its children', async () => {
    const sandbox = await start(`
      require('node:child_process').spawn('sleep', ['1000'], { stdio: 'inherit' }).on('spawn', () => console.log('spawned'))`)
    await new Promise((resolve) => sandbox.stdout.once('data', resolve))
    sandbox.kill()
    // The child holds the streams open for as long as it lives.
    await text(sandbox.stderr)
    expect(await sandbox.ended).toMatchObject({ signal: 'SIGKILL' })
  })

  it('stops a sandbox with its children, and lets it go on', async () => {
    const sandbox = await start(`
      const write = () => require('node:fs').writeSync(4, 'x')
      setInterval(write, 1)
      require('node:child_process').spawn('sh', ['-c', 'while :; do printf y >&4; sleep 0.01; done'], { stdio: ['ignore', 1, 2, 3, 4] })`)
    const seen = new Set<number>()
    let count = 0
    sandbox.answers.on('data', (chunk: Buffer) => {
      for (const byte of chunk) seen.add(byte)
      count += chunk.length
    })
    const until = async (condition: () => boolean) => {
      while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2))
    }
    await until(() => seen.size === 2)
    sandbox.freeze()
    // What is on its way still comes; then nothing does.
    let before = -1
    await until(() => {
      const isQuiet = count === before
      before = count
      return isQuiet
    })
    const begin = performance.now()
    await until(() => performance.now() - begin > 150)
    expect(count).toBe(before)
    seen.clear()
    sandbox.thaw()
    await until(() => seen.size === 2)
    sandbox.freeze()
    sandbox.kill()
    expect(await sandbox.ended).toMatchObject({ signal: 'SIGKILL' })
  })

  it('asks all processes of a sandbox to end, and who does not want to goes on', async () => {
    const running = async (script: string) => {
      const sandbox = await start(`${script}; process.stdout.write('ready'); setInterval(() => {}, 1000)`)
      let written = ''
      sandbox.stdout.on('data', (chunk: Buffer) => {
        written += chunk.toString()
      })
      await expect.poll(() => written).toBe('ready')
      return { sandbox, written: () => written }
    }
    const unwilling = await running(`process.on('SIGTERM', () => process.stdout.write(' asked'))`)
    unwilling.sandbox.terminate()
    await expect.poll(unwilling.written).toBe('ready asked')
    unwilling.sandbox.kill()
    expect(await unwilling.sandbox.ended).toMatchObject({ signal: 'SIGKILL' })
    const willing = await running('')
    willing.sandbox.terminate()
    expect(await willing.sandbox.ended).toMatchObject({ signal: 'SIGTERM' })
  })

  it('ends a sandbox that uses more memory than it was granted, and measures it', async () => {
    const sandbox = await start(`
      const held = []
      setInterval(() => held.push(Buffer.alloc(4 << 20, 1)), 5)`)
    expect(await sandbox.ended).toMatchObject({ isOutOfMemory: true })
    expect(sandbox.peakMiB()).toBeGreaterThan(128)
  })

  it('a failure of the platform is not the end of a function: without code there is no start', async () => {
    const started = await start('', { codeFolder: '/nonexistent' }).then(
      async (sandbox) => (await sandbox.ended).wasStarted,
      (error: unknown) => error,
    )
    if (started !== false) expect(started).toBeInstanceOf(PlatformFault)
  })
})
