import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import {
  type ExtensionEventName,
  type ExtensionState,
  type ExtensionStep,
  extensionLine,
  extensionTransition,
} from '../../model/extensionState.ts'

/** Why extensions ended an environment, as AWS's error object says it. */
export interface ExtensionFault {
  readonly errorType: 'Extension.LaunchError' | 'Extension.InitError' | 'Extension.ExitError' | 'Extension.Crash'
  /** What stands behind `RequestId: ... Error: `. */
  readonly reason: string
}

/** One extension of an environment. */
export interface Extension {
  readonly id: string
  readonly name: string
  /** A process of its own, started by the service; the others run within the runtime's. */
  readonly isExternal: boolean
  state: ExtensionState
  events: readonly ExtensionEventName[]
  /** What it has not asked for yet. */
  pending: object | null
  /** The connection on which it waits. */
  waiting: ServerResponse | null
}

/** Extensions of an environment, of both kinds. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const EXTENSION_COUNT = 10

/**
 * The extensions of one environment, what each of them is at, and who waits for that. Whatever they do, it never throws:
 * a step that is not allowed is refused, a fault is kept.
 */
export class ExtensionRegistry {
  readonly #byId = new Map<string, Extension>()
  readonly #external: readonly Extension[]
  readonly #waiters = new Set<() => void>()
  /** The first fault: those that follow are mostly its consequences. */
  fault: ExtensionFault | null = null
  /** Whether no further extension may register. */
  isClosed = false
  #isStopped = false

  constructor(names: readonly string[]) {
    this.#external = names.map((name) => this.#add(name, true))
  }

  get all(): readonly Extension[] {
    return [...this.#byId.values()]
  }

  byId(id: string): Extension | null {
    return this.#byId.get(id) ?? null
  }

  externalByName(name: string): Extension | null {
    return this.#external.find((extension) => extension.name === name) ?? null
  }

  externalAt(index: number): Extension | null {
    return this.#external[index] ?? null
  }

  /** A new extension within the runtime's process; null where ten are there. Its name must not be taken. */
  addInternal(name: string): Extension | null {
    return this.#byId.size >= EXTENSION_COUNT ? null : this.#add(name, false)
  }

  /** Whether the step was allowed. */
  move(extension: Extension, step: ExtensionStep): boolean {
    const next = extensionTransition(extension.state, step)
    if (next === null) return false
    extension.state = next
    this.#changed()
    return true
  }

  /** Keeps the first fault. */
  fail(fault: ExtensionFault): void {
    this.fault ??= fault
    this.#changed()
  }

  /** Gives all who subscribe to it an event, at once or when they ask. */
  deliver(name: ExtensionEventName, event: object): void {
    for (const extension of this.all.filter(({ events }) => events.includes(name))) {
      extension.pending = event
      this.answer(extension)
    }
  }

  /** Answers an extension that waits with what there is for it. */
  answer(extension: Extension): void {
    const { pending, waiting } = extension
    if (pending === null || waiting === null || !this.move(extension, { kind: 'DELIVER' })) return
    extension.pending = null
    extension.waiting = null
    const body = JSON.stringify(pending)
    waiting
      .writeHead(200, {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
        'Lambda-Extension-Event-Identifier': randomUUID(),
      })
      .end(body)
  }

  /** From now on nobody waits for extensions but at their end. */
  stop(): void {
    this.#isStopped = true
    this.#changed()
  }

  /** Resolves when the condition holds for all extensions (true), or with a fault, a stop or after so long (false). */
  until(condition: (extension: Extension) => boolean, limitMs: number): Promise<boolean> {
    return this.#wait(() => this.all.every(condition), limitMs, false)
  }

  /** The same, whatever faults and stops there are. */
  untilAll(condition: (extension: Extension) => boolean, limitMs: number): Promise<boolean> {
    return this.#wait(() => this.all.every(condition), limitMs, true)
  }

  /** The lines about the extensions in the log. */
  lines(): string[] {
    return this.all.map(({ name, state, events }) => extensionLine(name, state, events))
  }

  #add(name: string, isExternal: boolean): Extension {
    const id = randomUUID()
    const state: ExtensionState = { kind: 'STARTED' }
    const extension: Extension = { id, name, isExternal, state, events: [], pending: null, waiting: null }
    this.#byId.set(id, extension)
    return extension
  }

  async #wait(holds: () => boolean, limitMs: number, ignoresFaults: boolean): Promise<boolean> {
    let isLate = false
    let wake: () => void = () => undefined
    const timer = setTimeout(() => {
      isLate = true
      wake()
    }, limitMs)
    try {
      for (;;) {
        if (this.fault !== null && !ignoresFaults) return false
        if (holds()) return true
        if (isLate || (this.#isStopped && !ignoresFaults)) return false
        await new Promise<void>((resolve) => {
          wake = resolve
          this.#waiters.add(resolve)
        })
      }
    } finally {
      clearTimeout(timer)
      this.#waiters.delete(wake)
    }
  }

  #changed(): void {
    const woken = [...this.#waiters]
    this.#waiters.clear()
    for (const wake of woken) wake()
  }
}
