import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import { SendMessageCommand } from '@aws-sdk/client-sqs'
import { NormalizedSchema } from '@smithy/core/schema'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src/statemachines/data/json.ts'
import { plainJson } from '../../../src/statemachines/integrations/plainJson.ts'
import { shapeRequest } from '../../../src/statemachines/integrations/requestShape.ts'

type Schema = Parameters<typeof NormalizedSchema.of>[0]

const REQUEST = 4
const requestOf = (command: { schema?: unknown }) => NormalizedSchema.of((command.schema as Schema[])[REQUEST]!)

const events = requestOf(new PutEventsCommand({ Entries: [] }))
const message = requestOf(new SendMessageCommand({ QueueUrl: '', MessageBody: '' }))
const item = requestOf(new PutItemCommand({ TableName: '', Item: {} }))
const object = requestOf(new GetObjectCommand({ Bucket: '', Key: '' }))

const shape = (schema: NormalizedSchema, parameters: Json, textMembers: string[] = [], hasBase64 = false) =>
  shapeRequest(schema, parameters, { textMembers, hasBase64 })

describe('a request has what the model of the action says', () => {
  it('time stamps are ISO 8601 or seconds, as the service would take them', () => {
    const at = new Date('2024-05-06T07:08:09Z')
    const Entries = [{ Time: '2024-05-06T07:08:09Z' }, { Time: at.getTime() / 1000 }]
    expect(shape(events, { Entries })).toEqual({ input: { Entries: [{ Time: at }, { Time: at }] } })
    expect(shape(object, { IfModifiedSince: '2024-05-06T07:08:09Z' })).toEqual({ input: { IfModifiedSince: at } })
  })

  it('JSON becomes text in members that hold text, and not in a map that has a key of the same name', () => {
    const attribute = { DataType: 'String', StringValue: 'x' }
    const parameters = { MessageBody: { a: 1 }, MessageAttributes: { MessageBody: attribute } }
    expect(shape(message, parameters, ['MessageBody'])).toEqual({
      input: { MessageBody: '{"a":1}', MessageAttributes: { MessageBody: attribute } },
    })
    expect(shape(events, { Entries: [{ Detail: [1] }] }, ['Detail'])).toEqual({
      input: { Entries: [{ Detail: '[1]' }] },
    })
  })

  it('bytes of DynamoDB are base64, alone and in sets, as its answers have them', () => {
    const Item = { a: { B: 'aGVsbG8=' }, b: { BS: ['aGVsbG8='] }, c: { M: { d: { L: [{ B: 'aGVsbG8=' }] } } } }
    const hello = Buffer.from('hello')
    expect(shape(item, { Item }, [], true)).toEqual({
      input: { Item: { a: { B: hello }, b: { BS: [hello] }, c: { M: { d: { L: [{ B: hello }] } } } } },
    })
  })

  it('null is no value', () => {
    expect(shape(message, { MessageBody: 'x', MessageGroupId: null })).toEqual({ input: { MessageBody: 'x' } })
  })

  it.each([
    [message, { queueUrl: 'x' }, 'The field "queueUrl" is not supported by Step Functions'],
    [events, { Entries: [{ Nothing: 1 }] }, 'The field "Nothing" is not supported by Step Functions'],
    [events, { Entries: [{ Time: 'soon' }] }, 'The value of the field "Time" is no timestamp'],
  ])('%# what the model does not have is a problem', (schema, parameters, problem) => {
    expect(shape(schema, parameters)).toEqual({ problems: [problem] })
  })
})

describe('names are PascalCase, whatever the model has', () => {
  const [STRING, MAP] = [0, 128] as const
  const inner: Schema = [3, 'test', 'Inner', 0, ['someName'], [STRING]]
  const outer: Schema = [3, 'test', 'Outer', 0, ['innerOne', 'tags'], [inner, MAP | STRING]]
  const schema = NormalizedSchema.of(outer)

  it('in a request, but for the keys of maps', () => {
    const given = { InnerOne: { SomeName: 'x' }, Tags: { someKey: 'y', OtherKey: 'z' } }
    const input = { innerOne: { someName: 'x' }, tags: { someKey: 'y', OtherKey: 'z' } }
    expect(shape(schema, given)).toEqual({ input })
  })

  it('in an answer, but for the keys of maps', async () => {
    const answer = { innerOne: { someName: 'x', later: undefined }, tags: { someKey: 'y' } }
    expect(await plainJson(answer, schema)).toEqual({ InnerOne: { SomeName: 'x' }, Tags: { someKey: 'y' } })
  })
})
