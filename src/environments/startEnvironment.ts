import { randomBytes } from 'node:crypto'
import type { Clock } from '../model/clock.ts'
import { versionName } from '../model/version.ts'
import type { CodeStore, EnvironmentSpec, InitializationType, LogLine } from './contract.ts'
import { ExecutionEnvironment } from './executionEnvironment.ts'
import { functionVariables } from './platformVariables.ts'
import type { PrestartedSandbox } from './prestarted/prestartedSandboxes.ts'
import { runtimeVersionOf } from './runtimeVersion.ts'
import type { StartSandbox } from './startSandbox.ts'

export interface StartEnvironmentOptions {
  readonly startSandbox: StartSandbox
  readonly codeStore: CodeStore
  readonly clock: Clock
}

/**
 * Makes the function that starts an environment of a version: in a sandbox that was started ahead, where the code fits
 * into it, or in one of its own.
 */
export function createStartEnvironment({ startSandbox, codeStore, clock }: StartEnvironmentOptions) {
  return async (
    spec: EnvironmentSpec,
    initializationType: InitializationType,
    onInitLog: (line: LogLine, logStreamName: string) => undefined | Promise<void>,
    prestarted: PrestartedSandbox | null,
  ): Promise<ExecutionEnvironment> => {
    const started =
      (await prestarted?.assign(spec.codeSha256)) ??
      (await startSandbox(spec, await codeStore.folderOf(spec.codeSha256)))
    const { sandbox, interpreter, extensions, roots } = started
    const logStreamName = newLogStreamName(spec, randomBytes(16).toString('hex'), clock.now())
    const onLog = (line: LogLine) => onInitLog(line, logStreamName)
    const runtimeVersion = runtimeVersionOf(interpreter, spec)
    const subject = { spec, logStreamName, initializationType, runtimeVersion }
    const environment = new ExecutionEnvironment({ subject, sandbox, clock, onInitLog: onLog, extensions })
    const message = `INIT_START Runtime Version: ${runtimeVersion.name}\tRuntime Version ARN: ${runtimeVersion.arn}`
    onLog({ timestampMs: clock.now(), source: 'PLATFORM', message, requestId: null })
    await environment.init(roots, functionVariables(spec, initializationType, logStreamName))
    return environment
  }
}

/** `2026/11/23/[$LATEST]<32 hexadecimal digits>` (recorded fact 106). */
export function newLogStreamName(spec: EnvironmentSpec, name: string, nowMs: number): string {
  const day = new Date(nowMs).toISOString().slice(0, 10).replaceAll('-', '/')
  return `${day}/[${versionName(spec.versionNumber)}]${name}`
}
