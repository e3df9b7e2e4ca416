import { newExecutionState } from '../engine/advance.ts'
import { type Draft, visibleVariables } from '../engine/draft.ts'
import { ROOT, type Thread, type Variables, type Visit } from '../engine/executionState.ts'
import type { Inspection } from '../engine/inspection.ts'
import type { ExecutionFacts } from '../engine/machine.ts'
import type { TestedState } from './testedState.ts'
import type { TestStateRequest } from './testStateRequest.ts'

/** An execution that stands in one state and goes no further. */
export interface TestedRun {
  readonly draft: Draft
  readonly thread: Thread
  readonly visit: Visit
  readonly inspection: Inspection
}

/** Of what the context object tells: a test is an Express execution of a machine that nobody has made, as recorded. */
export type TestFacts = Pick<
  ExecutionFacts,
  'executionArn' | 'name' | 'stateMachineArn' | 'stateMachineName' | 'accountId' | 'region' | 'startedAtMs'
>

/** In an execution the first state is entered by its second event; causes of errors say so. */
const ENTERED_EVENT_ID = 2

export function testedRun(
  { definition, place, name, state }: TestedState,
  request: TestStateRequest,
  facts: TestFacts,
  seed: number,
): TestedRun {
  const { input, context, variables, stateConfiguration } = request
  const retryCount = stateConfiguration.retrierRetryCount ?? 0
  const retriers = 'Retry' in state ? (state.Retry ?? []) : []
  const visit: Visit = {
    stateName: name,
    input,
    enteredEventId: ENTERED_EVENT_ID,
    enteredAtMs: facts.startedAtMs,
    previousEventId: ENTERED_EVENT_ID - 1,
    // The one that is meant is known when there is an error.
    retries: retriers.map(() => retryCount),
    retryCount,
  }
  const thread: Thread = {
    id: ROOT,
    place: [...place],
    parent: null,
    previousEventId: ENTERED_EVENT_ID,
    variables: {},
    item: null,
    phase: { kind: 'ENTERING', stateName: name, input },
  }
  const inspection: Inspection = {}
  const draft: Draft = {
    machine: {
      definition,
      seed,
      facts: {
        ...facts,
        input,
        roleArn: request.roleArn ?? '',
        redriveCount: 0,
        isExpress: true,
        place,
        item: null,
        variables: variables as Variables,
      },
      ...(context === undefined ? {} : { givenContext: context as Variables }),
    },
    state: { ...newExecutionState(), lastEventId: ENTERED_EVENT_ID, threads: { [ROOT]: thread } },
    nowMs: facts.startedAtMs,
    history: [],
    commands: [],
    ready: [],
    abandoned: [],
    inspection,
  }
  return { draft, thread, visit, inspection }
}

/** The variables as they are once the state is left. */
export function variablesOf({ draft, thread }: TestedRun): Variables {
  return visibleVariables(draft, thread)
}
