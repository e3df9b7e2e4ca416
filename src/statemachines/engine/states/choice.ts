import { evaluateChoiceRule } from '../../data/choice/evaluateChoiceRule.ts'
import { StateFault } from '../../data/fault.ts'
import type { Json } from '../../data/json.ts'
import type { ChoiceRule, ChoiceState } from '../../definition/types.ts'
import type { Draft } from '../draft.ts'
import { type Evaluation, evaluationOf, throughPath, unexpectedType } from '../evaluation.ts'
import type { Thread, Visit } from '../executionState.ts'
import { inspect } from '../inspection.ts'
import { leaveWithInput } from '../leaveState.ts'

/** Choice: the first rule that holds, or the default. The state's own Assign and Output are for the default. */
export async function enterChoice(draft: Draft, thread: Thread, visit: Visit, state: ChoiceState): Promise<void> {
  const evaluation = evaluationOf(draft, thread, visit, state)
  const input = evaluation.isJsonata ? visit.input : throughPath(evaluation, state.InputPath, visit.input)
  if (!evaluation.isJsonata) inspect(draft, { afterInputPath: input })
  const rule = await firstThatHolds(evaluation, state.Choices, input)
  const next = rule?.Next ?? state.Default
  if (next === undefined) {
    throw new StateFault(
      'States.Runtime',
      'Failed to transition out of the state. The state does not point to a next state.',
    )
  }
  const { Assign: assign, Output: output } = rule ?? state
  await leaveWithInput(draft, thread, visit, state, evaluation, input, {
    assign: assign as Json | undefined,
    output: (output ?? state.Output) as Json | undefined,
    next,
  })
}

async function firstThatHolds(
  evaluation: Evaluation,
  rules: readonly ChoiceRule[],
  input: Json,
): Promise<ChoiceRule | null> {
  for (const [index, rule] of rules.entries()) {
    if (!('Condition' in rule)) {
      if (evaluateChoiceRule(rule as unknown as Json, evaluation.scope(input))) return rule
      continue
    }
    const field = `Choices[${index}]/Condition`
    const { Condition: condition } = rule
    const holds = typeof condition === 'boolean' ? condition : await evaluation.jsonata(condition, field)
    if (typeof holds !== 'boolean') throw unexpectedType(String(condition), field, 'boolean', holds)
    if (holds) return rule
  }
  return null
}
