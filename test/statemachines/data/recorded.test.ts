import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { applyTemplate } from '../../../src/statemachines/data/applyTemplate.ts'
import { evaluateChoiceRule } from '../../../src/statemachines/data/choice/evaluateChoiceRule.ts'
import { StateFault } from '../../../src/statemachines/data/fault.ts'
import { isObject, type Json, type JsonObject } from '../../../src/statemachines/data/json.ts'
import { evaluateJsonata } from '../../../src/statemachines/data/jsonata/evaluateJsonata.ts'
import { evaluatePath } from '../../../src/statemachines/data/paths/evaluatePath.ts'
import { setAtReferencePath } from '../../../src/statemachines/data/paths/referencePath.ts'
import type { DataScope } from '../../../src/statemachines/data/scope.ts'

interface RecordedExecution {
  readonly id: string
  readonly definition: { QueryLanguage?: string; StartAt: string; States: Record<string, JsonObject> }
  readonly input?: Json
  readonly wildcards?: Readonly<Record<string, string>>
  readonly expect: { status: string; output?: Json; error?: string; cause?: string }
}

const recorded: readonly RecordedExecution[] = JSON.parse(
  readFileSync(new URL('../../fixtures/asl/executions.json', import.meta.url), 'utf8'),
)

/** Those whose states do nothing but look at data: what is around them is the engine's, and tested with it. */
const ofData = recorded.filter(
  ({ definition, wildcards }) =>
    Object.values(definition.States ?? {}).every(
      ({ Type }) => Type === 'Pass' || Type === 'Choice' || Type === 'Succeed',
    ) &&
    !/\$states\.context|Execution\.(?!Input)|StateMachine\./.test(JSON.stringify(definition)) &&
    Object.keys(wildcards ?? {}).every((pointer) => pointer === '/cause'),
)

type Variables = Record<string, Json>

/** Pass and Choice as the language says, without events: enough to see what the functions of the data layer give. */
async function run({ definition, input }: RecordedExecution): Promise<Json> {
  let data: Json = input ?? {}
  let variables: Variables = {}
  for (let name: Json | undefined = definition.StartAt; typeof name === 'string'; ) {
    const state: JsonObject = definition.States[name]!
    const isJsonata = (state['QueryLanguage'] ?? definition.QueryLanguage) === 'JSONata'
    const context: Json = { State: { Name: name }, Execution: { Input: input ?? {} } }
    const step: Step = await (isJsonata ? jsonataStep : jsonPathStep)(state, { input: data, context, variables })
    data = step.output
    variables = { ...variables, ...step.assigned }
    name = step.next
  }
  return data
}

interface Step {
  readonly output: Json
  readonly assigned: Variables
  readonly next: Json | undefined
}

function jsonPathStep(state: JsonObject, scope: DataScope): Step {
  const input = pathOf(state['InputPath'], scope)
  const inner = { ...scope, input }
  if (state['Type'] === 'Choice') {
    const rules = state['Choices'] as JsonObject[]
    const rule = rules.find((candidate) => evaluateChoiceRule(candidate, inner))
    const assigned = applyTemplate((rule === undefined ? state : rule)['Assign'] ?? {}, inner) as Variables
    return { output: pathOf(state['OutputPath'], inner), assigned, next: rule?.['Next'] ?? state['Default'] }
  }
  const parameters = state['Parameters'] === undefined ? input : applyTemplate(state['Parameters'], inner)
  const result = state['Result'] ?? parameters
  const place = state['ResultPath'] === undefined ? '$' : state['ResultPath']
  const output = place === null ? scope.input : setAtReferencePath(scope.input, String(place), result)
  return {
    output: pathOf(state['OutputPath'], { ...scope, input: output }),
    assigned: applyTemplate(state['Assign'] ?? {}, { ...scope, input: result }) as Variables,
    next: state['Next'],
  }
}

function pathOf(path: Json | undefined, scope: DataScope): Json {
  if (path === null) return {}
  return path === undefined ? scope.input : evaluatePath(String(path), scope)
}

async function jsonataStep(state: JsonObject, scope: DataScope): Promise<Step> {
  const bindings = { states: { input: scope.input, context: scope.context }, variables: scope.variables }
  const at = (field: Json, location: string) => evaluateJsonata(field, bindings, { location })
  let chosen = state
  for (const rule of (state['Choices'] ?? []) as JsonObject[]) {
    if (!isObject(rule) || (await at(rule['Condition']!, 'Condition')) !== true) continue
    chosen = rule
    break
  }
  return {
    output: chosen['Output'] === undefined ? scope.input : await at(chosen['Output'], 'Output'),
    assigned: (await at(chosen['Assign'] ?? {}, 'Assign')) as Variables,
    next: chosen['Next'] ?? state['Default'],
  }
}

describe('what was recorded on AWS of states that only look at data', () => {
  test('is most of it', () => {
    expect(ofData.length).toBeGreaterThan(350)
  })

  test.each(ofData)('comes out the same: $id', async (execution) => {
    const { status, output, error, cause } = execution.expect
    if (status === 'SUCCEEDED') {
      // A number decided by chance was recorded as a word.
      if (JSON.stringify(output).includes('RandomNumberGenerated')) {
        expect(await run(execution)).toEqual({ FunctionResult: expect.any(Number) })
      } else expect(await run(execution)).toEqual(withUuids(output!))
      return
    }
    const fault = await run(execution).then(
      () => null,
      (thrown: unknown) => thrown,
    )
    expect(fault).toBeInstanceOf(StateFault)
    const prefix = /^An error occurred while executing the state '.*?' \(entered at the event id #\d+\)\. /
    expect((fault as StateFault).error).toBe(error)
    expect((fault as StateFault).cause.replace(/ in the input '.*'$/, '')).toBe(
      cause!.replace(prefix, '').replace(/ in the input '.*'$/, ''),
    )
  })
})

function withUuids(value: Json): Json {
  if (typeof value === 'string' && /^<uuid:\d+>$/.test(value)) return expect.stringMatching(/^[-0-9a-f]{36}$/)
  if (Array.isArray(value)) return value.map(withUuids)
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withUuids(member)]))
}
