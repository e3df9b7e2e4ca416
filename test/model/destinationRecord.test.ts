import { describe, expect, it } from 'vitest'
import { destinationKind, isDeadLetterTarget } from '../../src/model/destinationArn.ts'
import { deadLetterErrorMessage, destinationRecord } from '../../src/model/destinationRecord.ts'

const CONCLUDED = {
  requestId: '0193a5b0-0000-7000-8000-00000000002a',
  functionArn: 'arn:aws:lambda:us-east-1:111111111111:function:f:$LATEST',
  payload: '{"n":1.0}',
  concludedAtMs: Date.UTC(2026, 10, 23),
}

// Source: recorded facts, no. 117, 128, 129 and 131 (LocalStack snapshot tests, Apache-2.0).
describe('a destination record', () => {
  it('of a success has the payloads byte for byte and no functionError', () => {
    const response = { executedVersion: '$LATEST', functionError: null, payload: '{"big":12345678901234567890}' }
    expect(destinationRecord({ ...CONCLUDED, condition: 'Success', approximateInvokeCount: 1, response })).toBe(
      '{"version":"1.0","timestamp":"2026-11-23T00:00:00.000Z","requestContext":{"requestId":"0193a5b0-0000-7000-8000-00000000002a",' +
        '"functionArn":"arn:aws:lambda:us-east-1:111111111111:function:f:$LATEST","condition":"Success","approximateInvokeCount":1},' +
        '"requestPayload":{"n":1.0},"responseContext":{"statusCode":200,"executedVersion":"$LATEST"},' +
        '"responsePayload":{"big":12345678901234567890}}',
    )
  })

  it('of a failure names the functionError', () => {
    const response = { executedVersion: '3', functionError: 'Unhandled' as const, payload: '{"errorMessage":"no"}' }
    const condition = 'RetriesExhausted'
    const record = JSON.parse(destinationRecord({ ...CONCLUDED, condition, approximateInvokeCount: 3, response }))
    expect(record.responseContext).toEqual({ statusCode: 200, executedVersion: '3', functionError: 'Unhandled' })
    expect(record.responsePayload).toEqual({ errorMessage: 'no' })
  })

  it('of an event that was never run has neither responseContext nor responsePayload', () => {
    const condition = 'ZeroReservedConcurrency'
    const record = JSON.parse(destinationRecord({ ...CONCLUDED, condition, approximateInvokeCount: 0, response: null }))
    expect(Object.keys(record)).toEqual(['version', 'timestamp', 'requestContext', 'requestPayload'])
  })
})

describe('the ErrorMessage of a dead letter', () => {
  it('is the errorMessage, of which a KB is kept and no half character', () => {
    expect(deadLetterErrorMessage('{"errorType":"Error","errorMessage":"no"}')).toBe('no')
    expect(deadLetterErrorMessage('{"errorType":"Error"}')).toBe('')
    expect(deadLetterErrorMessage('"text"')).toBe('')
    const long = deadLetterErrorMessage(JSON.stringify({ errorMessage: `a${'\u20ac'.repeat(1000)}` }))
    expect(long).toBe(`a${'\u20ac'.repeat(341)}`)
  })
})

describe('the ARN of a destination', () => {
  it.each([
    ['arn:aws:lambda:us-east-1:111111111111:function:f', 'FUNCTION'],
    ['arn:aws:lambda:us-east-1:111111111111:function:f:live', 'FUNCTION'],
    ['arn:aws:lambda:us-east-1:111111111111:function:f:$LATEST', 'FUNCTION'],
    ['arn:aws:sqs:us-east-1:111111111111:queue', 'QUEUE'],
    ['arn:aws:sqs:us-gov-east-1:111111111111:queue', 'QUEUE'],
    ['arn:aws:sns:us-east-1:111111111111:topic', 'TOPIC'],
    ['arn:aws:events:us-east-1:111111111111:event-bus/default', 'EVENT_BUS'],
    ['arn:aws:s3:::bucket-1', 'BUCKET'],
    ['arn:aws:sqs:us-east-1:111111111111:queue.fifo', null],
    ['arn:aws:sns:us-east-1:111111111111:topic:subscription', null],
    ['arn:aws:dynamodb:us-east-1:111111111111:table/t', null],
    ['arn:aws:s3:::bucket/key', null],
    ['queue', null],
    ['', null],
  ] as const)('%s is of kind %s', (arn, kind) => {
    expect(destinationKind(arn)).toBe(kind)
    expect(isDeadLetterTarget(arn)).toBe(kind === 'QUEUE' || kind === 'TOPIC')
  })
})
