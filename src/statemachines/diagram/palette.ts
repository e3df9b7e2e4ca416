import type { StateType } from '../definition/types.ts'
import type { StateStatus } from './diagramGraph.ts'

export interface Colours {
  readonly fill: string
  readonly line: string
  readonly text: string
}

/** What became of a state, told by colour and, since colours are not for everyone, by its word as well. */
export const STATUS_COLOURS: Readonly<Record<StateStatus, Colours>> = {
  SUCCEEDED: { fill: '#e3f6e8', line: '#1d8a3e', text: '#0f5a27' },
  FAILED: { fill: '#fde7e7', line: '#c62828', text: '#8e1b1b' },
  RUNNING: { fill: '#e3f0fd', line: '#1769c4', text: '#0d4685' },
  CAUGHT: { fill: '#fff1dc', line: '#c77700', text: '#804c00' },
  ABORTED: { fill: '#ececee', line: '#6b6f76', text: '#43464c' },
}

export const NEUTRAL: Colours = { fill: '#ffffff', line: '#5b6472', text: '#1f2733' }

export function coloursOf(status: StateStatus | null): Colours {
  return status === null ? NEUTRAL : STATUS_COLOURS[status]
}

export const TYPE_COLOURS: Readonly<Record<StateType, string>> = {
  Task: '#d86613',
  Wait: '#7048b6',
  Pass: '#5b6472',
  Succeed: '#1d8a3e',
  Fail: '#c62828',
  Choice: '#1769c4',
  Parallel: '#00838f',
  Map: '#ad1457',
}

/** For formats without pictures. */
export const TYPE_SIGNS: Readonly<Record<StateType, string>> = {
  Task: '⚙',
  Wait: '◔',
  Pass: '→',
  Succeed: '✔',
  Fail: '✖',
  Choice: '◆',
  Parallel: '⇉',
  Map: '↻',
}
