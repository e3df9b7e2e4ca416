import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { isMono } from '../../../src/environments/findDotnet.ts'
import { findInterpreter, type Interpreter } from '../../../src/environments/interpreters.ts'
import type { RuntimeIdentifier } from '../../../src/model/runtime.ts'
import { buildGo } from '../../kit/customRuntimes.ts'
import { compileCSharp } from '../../kit/dotnetPackages.ts'

/** A language with the smallest function in it, and the smallest program that its interpreter can be started with. */
export interface Language {
  readonly name: string
  /** As the API calls it. */
  readonly runtime: string
  readonly handler: string
  readonly memoryMiB: number
  readonly files: Readonly<Record<string, string | Buffer>>
  readonly bare: { readonly program: string; readonly args: readonly string[] }
}

const run = promisify(execFile)

export async function nodeLanguage(): Promise<Language | null> {
  const node = await findInterpreter('nodejs20.x', '')
  if (node === null) return null
  const files = { 'index.mjs': 'export const handler = async () => 1' }
  const bare = { program: node.path, args: ['-e', '0'] }
  return { name: 'Node.js', runtime: 'NODEJS20_X', handler: 'index.handler', memoryMiB: 128, files, bare }
}

export async function pythonLanguage(): Promise<Language | null> {
  for (const runtime of ['python3.11', 'python3.12', 'python3.13', 'python3.14'] as const) {
    const python = await findInterpreter(runtime, '')
    if (python === null) continue
    const files = { 'index.py': 'def handler(event, context):\n    return 1\n' }
    const bare = { program: python.path, args: ['-c', '0'] }
    const identifier = runtime.toUpperCase().replace('.', '_')
    return { name: 'Python', runtime: identifier, handler: 'index.handler', memoryMiB: 128, files, bare }
  }
  return null
}

const JAVA_FUNCTION = 'public class Cold { public Object handle(Object event) { return 1; } }'
const JAVA_BARE = 'public class Bare { public static void main(String[] args) {} }'

export async function javaLanguage(folder: string): Promise<Language | null> {
  const jdk = await findInterpreter('java17', '')
  if (jdk === null) return null
  mkdirSync(folder)
  writeFileSync(join(folder, 'Cold.java'), JAVA_FUNCTION)
  writeFileSync(join(folder, 'Bare.java'), JAVA_BARE)
  await run(join(dirname(jdk.path), 'javac'), ['--release', '17', 'Cold.java', 'Bare.java'], { cwd: folder })
  return {
    name: 'Java',
    runtime: 'JAVA17',
    handler: 'Cold::handle',
    memoryMiB: 512,
    files: { 'Cold.class': readFileSync(join(folder, 'Cold.class')) },
    bare: { program: jdk.path, args: ['-cp', folder, 'Bare'] },
  }
}

const GO_BARE = 'package main\n\nfunc main() {}\n'

/** Go has no interpreter: what is started bare is a program that does nothing. */
export async function goLanguage(folder: string): Promise<Language | null> {
  const built = await buildGo(join(folder, 'function'))
  if ('missing' in built) return null
  const bare = join(folder, 'bare')
  mkdirSync(bare)
  writeFileSync(join(bare, 'go.mod'), 'module bare\n')
  writeFileSync(join(bare, 'main.go'), GO_BARE)
  const options = { cwd: bare, env: { ...process.env, PATH: `${process.env['PATH']}:/usr/local/go/bin` } }
  await run('go', ['build', '-o', 'bare', '.'], options)
  return {
    name: 'Go',
    runtime: 'PROVIDED_AL2023',
    handler: 'bootstrap',
    memoryMiB: 128,
    files: built.files,
    bare: { program: join(bare, 'bare'), args: [] },
  }
}

const CSHARP_FUNCTION = 'public class Cold { public object Handle(object value) { return 1; } }'
const CSHARP_BARE = 'public class Bare { public static void Main() {} }'
const BARE_RUNTIME = `{ "runtimeOptions": { "framework": { "name": "Microsoft.NETCore.App", "version": "8.0.0" }, "rollForward": "LatestMajor" } }`

export async function csharpLanguage(folder: string): Promise<Language | null> {
  const dotnet = await findInterpreter('dotnet8' satisfies RuntimeIdentifier, '')
  if (dotnet === null) return null
  mkdirSync(folder)
  const assembly = join(folder, 'Function.dll')
  await compile(dotnet, CSHARP_FUNCTION, assembly, 'library')
  const bare = join(folder, 'Bare.dll')
  await compile(dotnet, CSHARP_BARE, bare, 'exe')
  writeFileSync(join(folder, 'Bare.runtimeconfig.json'), BARE_RUNTIME)
  return {
    name: isMono(dotnet.path) ? 'C# (Mono)' : 'C#',
    runtime: 'DOTNET8',
    handler: 'Function::Cold::Handle',
    memoryMiB: 256,
    files: { 'Function.dll': readFileSync(assembly) },
    bare: { program: dotnet.path, args: isMono(dotnet.path) ? [bare] : ['exec', bare] },
  }
}

async function compile(dotnet: Interpreter, text: string, out: string, target: 'library' | 'exe'): Promise<void> {
  const source = `${out}.cs`
  writeFileSync(source, text)
  await compileCSharp(dotnet, [source], out, [], target)
}
