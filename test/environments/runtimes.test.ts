import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { findInterpreter } from '../../src/environments/interpreters.ts'
import { createEnvironmentRuntimes } from '../../src/environments/runtimes.ts'
import { PlatformFault } from '../../src/errors.ts'
import { RUNTIME_IDENTIFIERS } from '../../src/model/runtime.ts'
import { type TemporaryFolder, temporaryFolder } from '../kit/temporaryFolder.ts'

const NOWHERE = '/nonexistent/node'
const OWN_MAJOR = process.versions.node.split('.')[0]
/** A Node.js that this test is not run by. */
const [OTHER_NODE] = RUNTIME_IDENTIFIERS.filter((each) => /^nodejs/.test(each) && each !== `nodejs${OWN_MAJOR}.x`)

let folder: TemporaryFolder
beforeEach(() => {
  folder = temporaryFolder()
})
afterEach(() => {
  vi.unstubAllEnvs()
  folder[Symbol.dispose]()
})

const runtimesIn = (cacheFolder: string) => createEnvironmentRuntimes({ cacheFolder, progress: () => undefined })

/** Something that says that it is Python 3.14, with or without the library beside it. */
function pretendPython(tree: string, { hasLibrary }: { readonly hasLibrary: boolean }): string {
  const program = join(tree, 'bin', 'python3.14')
  mkdirSync(dirname(program), { recursive: true })
  writeFileSync(program, `#!/bin/sh\necho ${program}\necho 3.14.1\n`)
  chmodSync(program, 0o755)
  if (hasLibrary) {
    mkdirSync(join(tree, 'lib', 'python3.14'), { recursive: true })
    writeFileSync(join(tree, 'lib', 'python3.14', 'os.py'), '')
  }
  return program
}

function putOnPath(folderOfPrograms: string): void {
  vi.stubEnv('PATH', `${folderOfPrograms}:${process.env['PATH']}`)
}

describe('the runtimes of a machine', () => {
  it('are listed in their order, and looking downloads nothing', async () => {
    const statuses = await runtimesIn(folder.path).list()
    expect(statuses.map(({ runtime }) => runtime)).toEqual([...RUNTIME_IDENTIFIERS])
    for (const { runtime, isUsable, version, interpreterPath, advice } of statuses) {
      expect(version === null).toBe(interpreterPath === null)
      if (version === null) expect(advice).not.toBeNull()
      else if (!/^(java|dotnet)/.test(runtime)) expect(advice).toBeNull()
      if (version !== null) expect(isUsable).toBe(true)
    }
    expect(readdirSync(folder.path)).toEqual([])
  })

  it('are usable where they can be fetched', async () => {
    vi.stubEnv('PATH', '/nonexistent')
    const statuses = await runtimesIn(folder.path).list()
    expect(statuses.find(({ runtime }) => runtime === OTHER_NODE)).toMatchObject({ isUsable: true })
  })

  it('hold the Node.js that the service itself runs on', async () => {
    const versions = (await runtimesIn(folder.path).list()).map(({ version }) => version)
    expect(versions).toContain(process.versions.node)
  })
})

describe('an interpreter', () => {
  it('is found through the PATH, behind links, with the tree that it needs', async () => {
    const program = pretendPython(join(folder.path, 'tree'), { hasLibrary: true })
    mkdirSync(join(folder.path, 'links'))
    symlinkSync(program, join(folder.path, 'links', 'python3.14'))
    putOnPath(join(folder.path, 'links'))
    expect(await findInterpreter('python3.14', NOWHERE)).toEqual({
      runtime: 'python3.14',
      path: program,
      languageFolder: join(folder.path, 'tree'),
      sandboxPath: '/var/lang/bin/python3.14',
      version: '3.14.1',
    })
  })

  it('without a tree of its own is not used: functions would see the folder above it', async () => {
    pretendPython(folder.path, { hasLibrary: false })
    putOnPath(join(folder.path, 'bin'))
    expect(await findInterpreter('python3.14', NOWHERE)).toBeNull()
  })

  it('of another version is not used', async () => {
    const program = pretendPython(folder.path, { hasLibrary: true })
    writeFileSync(program, `#!/bin/sh\necho ${program}\necho 3.1.4\n`)
    putOnPath(dirname(program))
    expect(await findInterpreter('python3.14', NOWHERE)).toBeNull()
  })

  it('that does not run is not used', async () => {
    const program = pretendPython(folder.path, { hasLibrary: true })
    writeFileSync(program, '#!/bin/sh\nexit 1\n')
    putOnPath(dirname(program))
    expect(await findInterpreter('python3.14', NOWHERE)).toBeNull()
  })

  it('that is installed later is found later', async () => {
    const runtimes = runtimesIn(folder.path)
    await expect(runtimes.ensure('python3.14')).rejects.toThrow(
      new PlatformFault(
        'The runtime python3.14 is not on this machine. Install Python 3.14 so that python3.14 is on the PATH of the ' +
          'service, for example with apt-get install python3.14 or pyenv install 3.14.',
      ),
    )
    pretendPython(folder.path, { hasLibrary: true })
    putOnPath(join(folder.path, 'bin'))
    expect((await runtimes.ensure('python3.14')).version).toBe('3.14.1')
  })
})

describe('a Node.js that is not on the machine', () => {
  it('is fetched once, by however many ask at the same time, and is complete', async () => {
    const cacheFolder = join(folder.path, 'cache')
    const [one, other] = [runtimesIn(cacheFolder), runtimesIn(cacheFolder)]
    const found = await Promise.all([one.ensure(OTHER_NODE!), one.ensure(OTHER_NODE!), other.ensure(OTHER_NODE!)])
    const name = OTHER_NODE!.replace('.x', '')
    const path = join(cacheFolder, 'runtimes', name, 'bin', 'node')
    for (const interpreter of found) expect(interpreter).toMatchObject({ path, sandboxPath: '/var/lang/bin/node' })
    expect(readdirSync(join(cacheFolder, 'runtimes'))).toEqual([name])
  }, 180_000)

  it('says why it could not be fetched, and leaves nothing behind', async () => {
    vi.stubEnv('npm_config_registry', 'http://127.0.0.1:1')
    vi.stubEnv('npm_config_fetch_retries', '0')
    vi.stubEnv('npm_config_cache', join(folder.path, 'npm'))
    const cacheFolder = join(folder.path, 'cache')
    await expect(runtimesIn(cacheFolder).ensure(OTHER_NODE!)).rejects.toThrow(
      /^Node\.js \d+ could not be fetched from the npm registry: .*127\.0\.0\.1:1/,
    )
    expect(readdirSync(join(cacheFolder, 'runtimes'))).toEqual([])
  })

  it('cannot be fetched without npm', async () => {
    vi.stubEnv('PATH', '/nonexistent')
    await expect(runtimesIn(folder.path).ensure(OTHER_NODE!)).rejects.toThrow(
      /: npm is not on the PATH of the service$/,
    )
    expect(existsSync(join(folder.path, 'runtimes', OTHER_NODE!))).toBe(false)
  })
})

describe('a JDK', () => {
  const NEWEST = '99.0.1'

  /** A folder that is a JDK by its looks, whose Java answers with `exitCode`. */
  function pretendJdk(name: string, version: string, { exitCode = 0, hasCompiler = true } = {}): string {
    const home = join(folder.path, name)
    mkdirSync(join(home, 'bin'), { recursive: true })
    for (const program of ['java', 'jar', ...(hasCompiler ? ['javac'] : [])]) {
      writeFileSync(join(home, 'bin', program), `#!/bin/sh\nexit ${exitCode}\n`, { mode: 0o755 })
    }
    writeFileSync(join(home, 'release'), `IMPLEMENTOR="Nobody"\nJAVA_VERSION="${version}"\n`)
    return home
  }

  it('is found through JAVA_HOME and the PATH; one of the very version goes before a newer one', async () => {
    putOnPath(join(pretendJdk('newer', '21.9.9'), 'bin'))
    const home = pretendJdk('exact', '17.0.99')
    vi.stubEnv('JAVA_HOME', home)
    const path = join(home, 'bin', 'java')
    const interpreter = { runtime: 'java17', path, languageFolder: home, sandboxPath: '/var/lang/bin/java' }
    expect(await findInterpreter('java17', NOWHERE)).toEqual({ ...interpreter, version: '17.0.99' })
    expect((await findInterpreter('java21', NOWHERE))?.version).toBe('21.9.9')
  })

  it.each([
    ['an older one', '16.0.2', {}],
    ['one without a compiler', '17.0.1', { hasCompiler: false }],
    ['one that does not run', '17.0.1', { exitCode: 1 }],
  ])('is not %s', async (_, version, changes) => {
    vi.stubEnv('JAVA_HOME', pretendJdk('unfit', version, changes))
    expect((await findInterpreter('java17', NOWHERE))?.languageFolder).not.toBe(join(folder.path, 'unfit'))
  })

  it('that is newer than its runtime says so', async () => {
    vi.stubEnv('JAVA_HOME', pretendJdk('newest', NEWEST))
    const statuses = await runtimesIn(folder.path).list()
    for (const { runtime, version, advice } of statuses.filter(({ runtime }) => /^java/.test(runtime))) {
      const release = runtime.replace('java', '')
      const [major] = version!.split('.')
      if (major === release) expect(advice).toBeNull()
      else expect(advice).toContain(`Java ${major} runs it, for no JDK ${release} is on this machine`)
    }
  })
})

describe('a .NET', () => {
  /** A folder of `dotnet` by its looks: with these runtimes, and with a compiler or without. */
  function pretendDotnet(versions: readonly string[], { hasCompiler = true } = {}): string {
    const home = join(folder.path, 'dotnet')
    const compiler = join(home, 'sdk', '9.0.100', 'Roslyn', 'bincore', 'csc.dll')
    mkdirSync(dirname(compiler), { recursive: true })
    if (hasCompiler) writeFileSync(compiler, '')
    const runtimes = versions.map(
      (version) => `Microsoft.NETCore.App ${version} [${home}/shared/Microsoft.NETCore.App]`,
    )
    const script = [
      '#!/bin/sh',
      `[ "$1" = --list-sdks ] && echo "9.0.100 [${home}/sdk]" && exit`,
      ...['Microsoft.AspNetCore.App 8.0.1 [elsewhere]', ...runtimes].map((line) => `echo "${line}"`),
    ]
    writeFileSync(join(home, 'dotnet'), `${script.join('\n')}\n`, { mode: 0o755 })
    putOnPath(home)
    return home
  }

  it.each([
    ['of the very version goes before a newer one', ['6.0.1', '8.0.11', '9.0.1'], '8.0.11'],
    ['that is newer is used where there is no other', ['6.0.1', '9.0.1', '10.0.1'], '9.0.1'],
  ])('%s', async (_, versions, version) => {
    const home = pretendDotnet(versions)
    const interpreter = { runtime: 'dotnet8', path: join(home, 'dotnet'), languageFolder: home, version }
    expect(await findInterpreter('dotnet8', NOWHERE)).toEqual({ ...interpreter, sandboxPath: '/var/lang/dotnet' })
  })

  it('that is newer says so', async () => {
    pretendDotnet(['9.0.1'])
    const status = (await runtimesIn(folder.path).list()).find(({ runtime }) => runtime === 'dotnet8')
    expect(status?.advice).toBe('.NET 9 runs it, for no .NET 8 is on this machine.')
  })

  it.each([
    ['without a compiler', ['8.0.11'], { hasCompiler: false }],
    ['that is older', ['6.0.1', '7.0.2'], {}],
  ])('%s is not used; Mono is, where it is', async (_, versions, changes) => {
    pretendDotnet(versions, changes)
    expect((await findInterpreter('dotnet8', NOWHERE))?.path ?? '/mono').toMatch(/\/mono[^/]*$/)
  })
})
