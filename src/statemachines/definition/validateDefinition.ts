import { type Diagnostic, Report, type Severity } from './diagnostics.ts'
import { checkGraphs } from './graphRules.ts'
import { checkLoneState, checkMachine } from './machineShape.ts'
import { parseDefinition } from './parseDefinition.ts'
import type { MachineType } from './shape.ts'
import type { State, StateMachineDefinition } from './types.ts'
import { reportWarnings } from './warningRules.ts'

export interface ValidateOptions {
  readonly type: MachineType
  /** How many diagnostics to return at most; default 100, as AWS. */
  readonly maxDiagnostics?: number
  /** The least severity to return; default ERROR, as AWS. */
  readonly severity?: Severity
}

export interface Validation {
  /** FAIL where there is an error; warnings alone are OK. */
  readonly result: 'OK' | 'FAIL'
  readonly diagnostics: readonly Diagnostic[]
  /** Whether there are more diagnostics than were asked for. */
  readonly truncated: boolean
  /** The definition, where it has no errors. */
  readonly definition: StateMachineDefinition | null
}

const DEFAULT_MAX_DIAGNOSTICS = 100

/**
 * Judges a definition as CreateStateMachine and ValidateStateMachineDefinition do. Never throws: whatever the text
 * holds becomes diagnostics, errors of shape first; only a machine of right shape is followed from state to state.
 * Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html
 */
export function validateDefinition(text: string, options: ValidateOptions): Validation {
  const report = new Report()
  const definition = checkedDefinition(text, options.type, report)
  const wanted = report.diagnostics.filter(
    ({ severity }) => severity === 'ERROR' || (options.severity ?? 'ERROR') === 'WARNING',
  )
  const most = options.maxDiagnostics ?? DEFAULT_MAX_DIAGNOSTICS
  return {
    result: report.hasErrors ? 'FAIL' : 'OK',
    diagnostics: wanted.slice(0, most),
    truncated: wanted.length > most,
    definition: report.hasErrors ? null : definition,
  }
}

function checkedDefinition(text: string, machineType: MachineType, report: Report): StateMachineDefinition | null {
  const object = parseDefinition(text, report)
  if (object === null) return null
  checkMachine(object, { report, machineType })
  if (report.hasErrors) return null
  // Its shape has been checked field by field: from here on the text is what the types say.
  const definition = object as unknown as StateMachineDefinition
  checkGraphs(definition, report)
  reportWarnings(definition, report)
  return definition
}

/**
 * Judges one state by itself, for TestState: where it leads is not asked, since nothing is there to lead to.
 * Its location is `/`. The state is null where it has errors.
 */
export function validateState(
  text: string,
  options: Pick<ValidateOptions, 'type'>,
): { readonly diagnostics: readonly Diagnostic[]; readonly state: State | null } {
  const report = new Report()
  const object = parseDefinition(text, report)
  if (object !== null) checkLoneState(object, { report, machineType: options.type })
  return {
    diagnostics: report.diagnostics,
    state: object === null || report.hasErrors ? null : (object as unknown as State),
  }
}
