import { describe, expect, it } from 'vitest'
import { logLine } from '../../src/statemachines/executions/executionLog.ts'

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
