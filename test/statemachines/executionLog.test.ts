import { describe, expect, it } from 'vitest'
import { HISTORY_EVENT_TYPES } from '../../src/statemachines/engine/historyEvent.ts'
import { loggedTypes, logLine } from '../../src/statemachines/executions/executionLog.ts'

const event = {
  executionId: 'id',
  id: 2,
  previousEventId: 1,
  type: 'TaskStateEntered',
  timestamp: new Date(1_700_000_000_000),
  details: { name: 'State', input: '{"secret":1}', inputDetails: { truncated: false } },
  invocationId: null,
} as const
const line = (hasData: boolean) => JSON.parse(logLine({ event, executionArn: 'arn', hasData }))

describe('the logging level', () => {
  it('ALL logs everything, OFF nothing', () => {
    expect(loggedTypes('ALL')).toEqual(HISTORY_EVENT_TYPES)
    expect(loggedTypes('OFF')).toEqual([])
  })

  it('FATAL logs the bad ends of executions alone', () => {
    expect(loggedTypes('FATAL')).toEqual(['ExecutionAborted', 'ExecutionFailed', 'ExecutionTimedOut'])
  })

  it('ERROR logs these and every failure within them, and no success', () => {
    const logged = loggedTypes('ERROR')
    expect(logged).toEqual(expect.arrayContaining([...loggedTypes('FATAL')]))
    for (const type of [
      'FailStateEntered',
      'LambdaFunctionFailed',
      'TaskTimedOut',
      'MapIterationFailed',
      'EvaluationFailed',
    ]) {
      expect(logged).toContain(type)
    }
    expect(logged.filter((type) => /Succeeded|Started$|Scheduled$|Exited/.test(type))).toEqual([])
  })
})

describe('a line of the log', () => {
  it('is the JSON that AWS writes', () => {
    expect(line(true)).toEqual({
      id: '2',
      type: 'TaskStateEntered',
      details: event.details,
      previous_event_id: '1',
      event_timestamp: '1700000000000',
      execution_arn: 'arn',
    })
  })

  it('holds nothing of what flows through the execution unless it is asked for', () => {
    expect(line(false).details).toEqual({ name: 'State' })
  })
})
