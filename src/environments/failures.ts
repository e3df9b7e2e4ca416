import type { EnvironmentOutcome, FailureKind } from './contract.ts'
import type { SandboxEnd } from './drivers/contract.ts'
import type { RuntimeAnswer } from './runtimeChannel.ts'

/** The error objects that the platform makes for a function that cannot make its own, in AWS's words. */

/** What an event came to; one that its function was not ready for took the time that a start may take. */
export function outcomeOf(answer: RuntimeAnswer, requestId: string, limitMs: number): EnvironmentOutcome {
  switch (answer.kind) {
    case 'RESULT': {
      const { payload, streamedBytes } = answer
      return { kind: 'SUCCEEDED', payload, ...(streamedBytes === undefined ? {} : { streamedBytes }) }
    }
    case 'ERROR':
      return { kind: 'FAILED', failure: answer.failure, payload: answer.payload }
    case 'INIT_ERROR':
      return { kind: 'FAILED', failure: 'INIT_ERROR', payload: answer.payload }
    case 'ENDED':
      return crashOutcome(requestId, answer.end)
    case 'NO_ENTRYPOINT':
      return noEntrypointOutcome(requestId, answer.reason)
    case 'EXTENSION_FAILED':
      return extensionOutcome(requestId, answer.errorType, answer.reason)
    case 'TIMED_OUT':
      return timeoutOutcome(requestId, limitMs)
    case 'READY':
    case 'VIOLATION':
      return violationOutcome(requestId)
  }
}

/** The process ended before it answered (recorded facts 83 and 84). */
export function crashOutcome(requestId: string, end: SandboxEnd): EnvironmentOutcome {
  const errorType = end.isOutOfMemory ? 'Runtime.OutOfMemory' : 'Runtime.ExitError'
  return failed('CRASH', errorType, `RequestId: ${requestId} Error: ${endText(end)}`)
}

/** How a process ended, as AWS says it. */
export function endText({ exitCode, signal, isOutOfMemory }: SandboxEnd): string {
  if (isOutOfMemory) return 'Runtime exited with error: signal: killed'
  if (signal !== null) return `Runtime exited with error: signal: ${SIGNAL_TEXTS[signal] ?? signal}`
  if (exitCode === 0) return 'Runtime exited without providing a reason'
  return `Runtime exited with error: exit status ${exitCode}`
}

/** Go's texts of signals, which AWS's are. */
const SIGNAL_TEXTS: Readonly<Partial<Record<NodeJS.Signals, string>>> = {
  SIGABRT: 'aborted',
  SIGBUS: 'bus error',
  SIGFPE: 'floating point exception',
  SIGILL: 'illegal instruction',
  SIGKILL: 'killed',
  SIGSEGV: 'segmentation fault (core dumped)',
  SIGTERM: 'terminated',
}

/** The time ran out (recorded fact 85). */
export function timeoutOutcome(requestId: string, timeoutMs: number): EnvironmentOutcome {
  return failed('TIMEOUT', 'Sandbox.Timedout', `RequestId: ${requestId} Error: ${timeoutText(timeoutMs)}`)
}

/** `Task timed out after 3.00 seconds`. */
export function timeoutText(timeoutMs: number): string {
  return `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`
}

/** There is no bootstrap to start, in the words of the platform's own Go. */
export function noEntrypointOutcome(requestId: string, reason: string): EnvironmentOutcome {
  return failed('INIT_ERROR', 'Runtime.InvalidEntrypoint', `RequestId: ${requestId} Error: ${reason}`)
}

/** An extension could not begin, or has ended, in AWS's words. */
export function extensionOutcome(requestId: string, errorType: string, reason: string): EnvironmentOutcome {
  return failed('CRASH', errorType, `RequestId: ${requestId} Error: ${reason}`)
}

/** The function wrote to the descriptors of its own runtime. */
export function violationOutcome(requestId: string): EnvironmentOutcome {
  return failed(
    'CRASH',
    'Runtime.ExitError',
    `RequestId: ${requestId} Error: Runtime sent an invalid message and was ended`,
  )
}

function failed(failure: FailureKind, errorType: string, errorMessage: string): EnvironmentOutcome {
  return { kind: 'FAILED', failure, payload: JSON.stringify({ errorType, errorMessage }) }
}
