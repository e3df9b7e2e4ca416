import { createContext, Script } from 'node:vm'

/** How long one search may take, and how much work is small enough to be done without a watch on it. */
const SEARCH_AT_MOST_MS = 250
const UNWATCHED_STEPS_AT_MOST = 1_000_000

const context = createContext(Object.create(null))
const search = new Script('pattern.lastIndex = from; found = pattern.exec(text); from = pattern.lastIndex')

/** A search was given up: the pattern goes back over the text too often. */
export class PatternTooSlow extends Error {
  readonly code = 'D1012'
  readonly value = SEARCH_AT_MOST_MS
}

/**
 * A regular expression whose searches end in time. One with a repeated group may take a time exponential in the length
 * of the text, and nothing else runs meanwhile: it is watched, and given up with PatternTooSlow.
 */
export class BoundedPattern extends RegExp {
  override exec(text: string): RegExpExecArray | null {
    if (stepsAtMost(this.source, text.length) <= UNWATCHED_STEPS_AT_MOST) return super.exec(text)
    const watched = new RegExp(this.source, this.flags)
    Object.assign(context, { pattern: watched, text, from: this.lastIndex, found: null })
    try {
      search.runInContext(context, { timeout: SEARCH_AT_MOST_MS })
      this.lastIndex = context['from']
      return context['found']
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
      throw new PatternTooSlow(`The regular expression ${this.source} took too long`)
    } finally {
      Object.assign(context, { pattern: null, text: null, found: null })
    }
  }
}

/** Without repeated groups and references back, each repetition can begin anywhere: the length, to their number. */
function stepsAtMost(source: string, length: number): number {
  if (/\)[*+?{]|\\[1-9k]/.test(source)) return length < 8 ? 0 : Number.POSITIVE_INFINITY
  return length ** (1 + (source.match(/[*+{]/g)?.length ?? 0))
}
