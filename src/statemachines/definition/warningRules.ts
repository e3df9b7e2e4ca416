import type { Report } from './diagnostics.ts'
import { isIntrinsicCall, isPath } from './pathSyntax.ts'
import { isObject } from './shape.ts'
import { processorField } from './transitions.ts'
import { type JsonValue, queryLanguageOf, type State, type StateGraph, type StateMachineDefinition } from './types.ts'

/**
 * What is allowed and yet most likely a slip: texts that look like paths where nothing reads them as paths.
 * Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinitionDiagnostic.html
 */
export function reportWarnings(machine: StateMachineDefinition, report: Report): void {
  warnInGraph(machine, '', machine, report)
}

const TEMPLATES = ['Parameters', 'ResultSelector', 'ItemSelector', 'Assign'] as const
const PATH_TWINS = ['TimeoutSeconds', 'HeartbeatSeconds', 'Error', 'Cause'] as const

function warnInGraph(graph: StateGraph, location: string, machine: StateMachineDefinition, report: Report): void {
  for (const [name, state] of Object.entries(graph.States)) {
    const at = `${location}/States/${name}`
    if (queryLanguageOf(machine, state) === 'JSONPath') warnInState(state, at, report)
    if (state.Type === 'Parallel')
      for (const [index, branch] of state.Branches.entries())
        warnInGraph(branch, `${at}/Branches[${index}]`, machine, report)
    if (state.Type === 'Map') {
      const field = processorField(state)
      warnInGraph(state[field]!, `${at}/${field}`, machine, report)
    }
  }
}

function warnInState(state: State, location: string, report: Report): void {
  const fields = state as unknown as Readonly<Record<string, JsonValue | undefined>>
  for (const field of TEMPLATES) warnInTemplate(fields[field], `${location}/${field}`, report)
  for (const field of PATH_TWINS) {
    const value = fields[field]
    if (typeof value === 'string' && looksDynamic(value))
      report.warning('NO_PATH', `The value of '${field}' looks like a path: use '${field}Path'`, `${location}/${field}`)
  }
  if (state.Type === 'Pass' && holdsDynamicKey(state.Result))
    report.warning('PASS_RESULT_IS_STATIC', "'Result' is static: use 'Parameters' to read paths", `${location}/Result`)
}

function warnInTemplate(value: JsonValue | undefined, location: string, report: Report): void {
  if (Array.isArray(value)) {
    for (const item of value) warnInTemplate(item, location, report)
    return
  }
  if (!isObject(value)) return
  for (const [key, item] of Object.entries(value)) {
    if (key.endsWith('.$')) continue
    if (typeof item === 'string' && looksDynamic(item))
      report.warning('NO_DOLLAR', `The value of '${key}' looks like a path or a call: use '${key}.$'`, location)
    else warnInTemplate(item, location, report)
  }
}

function looksDynamic(text: string): boolean {
  return /^\$(?:$|[.[$])/.test(text) ? isPath(text) : text.startsWith('States.') && isIntrinsicCall(text)
}

function holdsDynamicKey(value: JsonValue | undefined): boolean {
  if (Array.isArray(value)) return value.some(holdsDynamicKey)
  return isObject(value) && Object.entries(value).some(([key, item]) => key.endsWith('.$') || holdsDynamicKey(item))
}
