import { isCustomRuntime, type RuntimeIdentifier } from './runtime.ts'

/**
 * The program that a function has its runtime started by, as the variable AWS_LAMBDA_EXEC_WRAPPER names it; null where it
 * names none. Custom runtimes are programs of the function's own, and heed it themselves or not.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html#runtime-wrapper
 */
export function execWrapperOf(
  runtime: RuntimeIdentifier,
  environment: Readonly<Record<string, string>>,
): string | null {
  return isCustomRuntime(runtime) ? null : environment['AWS_LAMBDA_EXEC_WRAPPER'] || null
}
