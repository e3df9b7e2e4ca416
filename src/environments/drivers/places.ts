import { availableParallelism } from 'node:os'
import { Stock } from '../../stock.ts'
import type { ControlGroup, ControlGroups } from './cgroups.ts'
import type { ReadyProgram, Starter } from './starter.ts'

/** Where a sandbox will be: control groups, which have no limits yet, and a process in them that is ready to make it. */
export interface Place {
  /** Null where the host lets this process make none. */
  readonly group: ControlGroup | null
  readonly program: ReadyProgram
}

/** As many as are started at the same time, so that a burst of cold starts finds one each for its first round. */
const SPARE = Math.max(4, 2 * availableParallelism())

/** Places that are made ahead, since a process joins its groups slowly. Each is taken once, and then its taker's to end. */
export function createPlaces(
  starter: Starter,
  controlGroups: ControlGroups,
  onError: (error: unknown) => void,
): Stock<Place> {
  const places = new Stock<Place>({
    size: SPARE,
    async make() {
      const group = controlGroups.create()
      try {
        return { group, program: await starter.prepare(group?.memberFiles ?? []) }
      } catch (error) {
        void group?.end()
        throw error
      }
    },
    isFresh: ({ program }) => program.isWaiting(),
    discard({ group, program }) {
      program.kill()
      void group?.end()
    },
    onError,
  })
  places.refill()
  return places
}
