/** What is warm and waits for work: by key the one that came last, of all the one that came first. */
export class IdleEnvironments<Member> {
  /** Sets keep the order of adding. */
  readonly #all = new Set<Member>()
  readonly #byKey = new Map<string, Member[]>()

  add(key: string, member: Member): void {
    this.#all.add(member)
    const group = this.#byKey.get(key)
    if (group === undefined) this.#byKey.set(key, [member])
    else group.push(member)
  }

  /** Removes and returns the one of a key that was added last; null where there is none. */
  takeLatest(key: string): Member | null {
    const member = this.#byKey.get(key)?.at(-1)
    if (member === undefined) return null
    this.remove(key, member)
    return member
  }

  /** Removes one, if it is there. */
  remove(key: string, member: Member): void {
    this.#all.delete(member)
    const group = this.#byKey.get(key)
    // The last one, as a rule.
    const index = group?.lastIndexOf(member) ?? -1
    if (index >= 0) group?.splice(index, 1)
    if (group?.length === 0) this.#byKey.delete(key)
  }

  /** All of them, those that were added first in front. */
  all(): Member[] {
    return [...this.#all]
  }
}
