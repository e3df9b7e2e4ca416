import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startChild } from '../kit/childProcess.ts'

const REPOSITORY = join(import.meta.dirname, '..', '..')

/** One invocation as the script records it in results.json. */
export interface ExampleRecord {
  readonly example: string
  readonly case: string
  readonly version: string
  readonly codeSha256: string
  readonly requestId: string
  readonly status: string
  readonly summary: string
  readonly problem: string | null
  readonly files: readonly string[]
  readonly attempt: {
    readonly outcome: string
    readonly isColdStart: boolean
    readonly durationMs: number
    readonly billedDurationMs: number
    readonly initDurationMs: number | null
    readonly maxMemoryUsedMiB: number
    readonly cost: string
  }
  readonly logTail: string
}

/** How the script ended, and everything that it printed. */
export interface ScriptRun {
  readonly exitCode: number | string
  readonly output: string
}

/** Runs examples/run.mjs as a person would, in `folder`, with no token in its environment. */
export async function runScript(args: readonly string[], folder = REPOSITORY): Promise<ScriptRun> {
  const { LAMBDAQL_TOKEN: _token, LAMBDAQL_DATA_DIR: _folder, ...environment } = process.env
  const script = join(REPOSITORY, 'examples', 'run.mjs')
  const child = startChild(process.execPath, [script, ...args], { cwd: folder, env: environment })
  return { exitCode: await child.ended, output: child.output() }
}

/** Runs one example against a service, which must succeed, and reads what it recorded. */
export async function runExample(
  service: { readonly url: string; readonly token: string },
  name: string,
  out: string,
): Promise<{ readonly output: string; readonly records: readonly ExampleRecord[] }> {
  const args = ['--endpoint', service.url, '--token', service.token, '--only', name, '--out', out]
  const { exitCode, output } = await runScript(args)
  if (exitCode !== 0) throw new Error(`the script ended with ${exitCode}:\n${output}`)
  return { output, records: JSON.parse(await readFile(join(out, 'results.json'), 'utf8')) }
}
