import type { StateType } from '../definition/types.ts'
import { TYPE_COLOURS } from './palette.ts'

/** White strokes in a field of 24 by 24. */
const STROKES: Readonly<Record<StateType, string>> = {
  Task: 'M12 8.6a3.4 3.4 0 1 0 0 6.8 3.4 3.4 0 0 0 0-6.8M12 5v2.4M12 16.6V19M5 12h2.4M16.6 12H19M7 7l1.8 1.8M15.2 15.2 17 17M17 7l-1.8 1.8M8.8 15.2 7 17',
  Wait: 'M12 5.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M12 8.5V12l2.6 1.8',
  Pass: 'M5.5 12h12M13.5 8l4 4-4 4',
  Succeed: 'M6.5 12.5l3.8 3.8 7.2-8',
  Fail: 'M7.5 7.5l9 9M16.5 7.5l-9 9',
  Choice: 'M12 5v4.5M12 9.5 7 14.5V18M12 9.5l5 5V18M5 16l2 2.5L9 16M15 16l2 2.5 2-2.5',
  Parallel: 'M7 6v12M12 6v12M17 6v12',
  Map: 'M6 12a6 6 0 0 1 10.4-4M18 12a6 6 0 0 1-10.4 4M16.8 4.8v3.4h-3.4M7.2 19.2v-3.4h3.4',
}

export function iconOf(type: StateType): string {
  return `<circle cx="12" cy="12" r="12" fill="${TYPE_COLOURS[type]}"/><path d="${STROKES[type]}" fill="none" stroke="#ffffff" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round"/>`
}
