import type { SandboxNetwork } from '../../network/contract.ts'
import type { Unprivileged } from './bubblewrapArguments.ts'
import type { RuntimeApiAccess, SandboxSpec } from './contract.ts'
import type { SandboxChild } from './sandboxChild.ts'

/** What bubblewrap is started for. */
export interface BubblewrapStart {
  readonly spec: SandboxSpec
  readonly user: Unprivileged
  /** Null where the sandbox is to have one that leads nowhere. */
  readonly network: SandboxNetwork | null
  /** Its Runtime API, where that is open before it is started; otherwise it has none, or is still to get one. */
  readonly api: RuntimeApiAccess | null
}

/** Bubblewrap that runs. */
export interface StartedBubblewrap {
  readonly child: SandboxChild
  /** All that it has said of its command, when it has ended. Never rejects. */
  readonly status: Promise<string>
  /** Null where the sandbox has none. */
  readonly runtimeApi: Promise<RuntimeApiAccess | null>
}

/** How a command ended, by what bubblewrap said of it: nothing, unless it came to start it and outlived it. */
export function exitCodeOf(status: string): number | null {
  const code = /"exit-code": (\d+)/.exec(status)?.[1]
  return code === undefined ? null : Number(code)
}
