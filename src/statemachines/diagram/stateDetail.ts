import { isDistributed, type State } from '../definition/types.ts'

/** What a state does, in a few words: the function it calls, how long it waits, the error it raises. */
export function detailOf(state: State): string {
  switch (state.Type) {
    case 'Task':
      return resourceText(state.Resource)
    case 'Wait':
      return waitText(state)
    case 'Fail':
      return String(state.Error ?? state.ErrorPath ?? '')
    case 'Map':
      return isDistributed(state) ? 'distributed' : ''
    case 'Parallel':
      return `${state.Branches.length} ${state.Branches.length === 1 ? 'branch' : 'branches'}`
    case 'Pass':
    case 'Choice':
    case 'Succeed':
      return ''
  }
}

const WAITING: Readonly<Record<string, string>> = {
  sync: 'until it ends',
  'sync:2': 'until it ends',
  waitForTaskToken: 'until answered',
}

function resourceText(resource: string): string {
  const [, , service, , , ...rest] = resource.split(':')
  if (service === 'lambda') return `lambda ${rest.slice(1).join(':')}`
  const action = rest.join(':')
  const pattern = /\.(sync(?::2)?|waitForTaskToken)$/.exec(action)
  const name = (pattern === null ? action : action.slice(0, pattern.index)).replaceAll(':', ' ')
  return pattern === null ? name : `${name}, ${WAITING[pattern[1]!]}`
}

function waitText(state: Extract<State, { Type: 'Wait' }>): string {
  if (typeof state.Seconds === 'number') return `${state.Seconds} s`
  if (state.Timestamp !== undefined) return `until ${state.Timestamp}`
  if (state.TimestampPath !== undefined) return `until ${state.TimestampPath}`
  return String(state.Seconds ?? state.SecondsPath ?? '')
}
