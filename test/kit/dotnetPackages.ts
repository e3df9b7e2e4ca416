import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { dotnetCompiler, isMono } from '../../src/environments/findDotnet.ts'
import type { Interpreter } from '../../src/environments/interpreters.ts'
import { INSTALLATION_FOLDER } from '../../src/installation.ts'
import type { BuiltPackage } from './customRuntimes.ts'

const run = promisify(execFile)
const FIXTURES = join(INSTALLATION_FOLDER, 'test', 'fixtures', 'dotnet')

/** Compiles a C# library, or a program, with the compiler of whatever will run it. */
export async function compileCSharp(
  { path, version }: Interpreter,
  files: readonly string[],
  out: string,
  references: readonly string[] = [],
  target: 'library' | 'exe' = 'library',
): Promise<void> {
  const options = [`-target:${target}`, '-nologo', `-out:${out}`, ...references.map((each) => `-reference:${each}`)]
  if (isMono(path)) {
    await run(join(dirname(path), 'mcs'), [...options, ...files])
    return
  }
  const sdk = await dotnetCompiler(path, version)
  const library = readdirSync(sdk!.library).filter((name) => /^(System\.|mscorlib|netstandard).*dll$/.test(name))
  const standard = library.map((name) => `-reference:${join(sdk!.library, name)}`)
  await run(path, ['exec', sdk!.compiler, '-noconfig', '-nostdlib', ...standard, ...options, ...files])
}

/** Function.dll of the fixtures, or of other sources, and beside it the interfaces that it is compiled against. */
export async function buildDotnet(
  dotnet: Interpreter | null,
  folder: string,
  sources = ['Methods.cs', 'Orders.cs'].map((name) => join(FIXTURES, name)),
): Promise<BuiltPackage> {
  if (dotnet === null) return { missing: 'no .NET SDK and no Mono' }
  const core = join(folder, 'Amazon.Lambda.Core.dll')
  const assembly = join(folder, 'Function.dll')
  await compileCSharp(dotnet, [join(FIXTURES, 'Core.cs')], core)
  await compileCSharp(dotnet, sources, assembly, [core])
  return { files: { 'Amazon.Lambda.Core.dll': readFileSync(core), 'Function.dll': readFileSync(assembly) } }
}
