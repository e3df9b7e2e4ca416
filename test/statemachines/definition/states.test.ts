import { describe, expect, test } from 'vitest'
import {
  choice,
  describeRules,
  diagnosticsOf,
  distributed,
  END,
  machineOf,
  map,
  processor,
  type Rule,
  schema,
  task,
} from './definitionRules.ts'

describeRules('a state', [
  ['has a type', machineOf({ End: true }), schema('These fields are required: [Type]', '/States/X')],
  [
    'has a type that exists',
    machineOf({ Type: 'constructor', End: true }),
    schema(
      "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]",
      '/States/X/Type',
    ),
  ],
  [
    'has a name of at most 80 characters',
    { StartAt: 'n'.repeat(81), States: { ['n'.repeat(81)]: END } },
    [
      'INVALID_STATE_NAME',
      `State name '${'n'.repeat(81)}' exceeds the 80-character limit allowed by the service`,
      `/States/${'n'.repeat(81)}`,
    ],
  ],
  [
    'may have a name of 80 characters outside of ASCII',
    { StartAt: '😀'.repeat(80), States: { ['😀'.repeat(80)]: END } },
  ],
  [
    'leads somewhere or ends',
    machineOf({ Type: 'Pass' }),
    schema('This object should have only one of the following fields: [Next, End]', '/States/X'),
  ],
  [
    'says nothing by End: false',
    machineOf({ Type: 'Pass', End: false }),
    schema('This object should have only one of the following fields: [Next, End]', '/States/X'),
  ],
  [
    'has only the fields of its type',
    machineOf({ ...END, TimeoutSeconds: 5 }),
    schema("Field 'TimeoutSeconds' is not supported", '/States/X'),
  ],
  [
    'times out only if it is a Task',
    map({ TimeoutSeconds: 5 }),
    schema("Field 'TimeoutSeconds' is not supported", '/States/X'),
  ],
  [
    'retries only if it works',
    machineOf({ Type: 'Wait', Seconds: 1, End: true, Retry: [] }),
    schema("Field 'Retry' is not supported", '/States/X'),
  ],
  [
    'of a Wait waits in one way',
    machineOf({ Type: 'Wait', Seconds: 1, SecondsPath: '$.s', End: true }),
    schema(
      'There should only be one of the following fields: [SecondsPath, Seconds, TimestampPath, Timestamp]',
      '/States/X',
    ),
  ],
  [
    'waits at most 99999999 seconds',
    machineOf({ Type: 'Wait', Seconds: 1e16, End: true }),
    schema('Maximum value is 99999999', '/States/X/Seconds'),
  ],
  [
    'fails with an error or the path of one',
    machineOf({ Type: 'Fail', Error: 'E', ErrorPath: '$.e' }),
    schema('There should only be one of the following fields: [Error, ErrorPath]', '/States/X'),
  ],
  [
    'has a list of branches',
    machineOf({ Type: 'Parallel', Branches: [], End: true }),
    schema('Value cannot be empty', '/States/X/Branches'),
  ],
])

describe.each(['2016-12-05T21:29:29Z', '2016-12-05T21:29:29.123456+05:30', '2024-02-29T00:00:00-23:59'])(
  'the time stamp %s',
  (Timestamp) => {
    test('is taken', () => {
      expect(diagnosticsOf(machineOf({ Type: 'Wait', Timestamp, End: true }))).toEqual([])
    })
  },
)

describe.each([
  '2016-12-05 21:29:29Z',
  '2016-12-05t21:29:29Z',
  '2016-12-05T21:29:29z',
  '2016-12-05T21:29:29',
  '2016-13-05T21:29:29Z',
  '2023-02-29T21:29:29Z',
  '2016-12-05T25:29:29Z',
  '2016-12-05T21:29:29+24:00',
  '{% $x %}',
])('the time stamp %s', (Timestamp) => {
  test('is refused', () => {
    expect(diagnosticsOf(machineOf({ Type: 'Wait', Timestamp, End: true }))).toEqual([
      schema('String does not match RFC3339 timestamp', '/States/X/Timestamp'),
    ])
  })
})

describeRules('a retrier or catcher', [
  ['names errors', task({ Retry: [{}] }), schema('These fields are required: [ErrorEquals]', '/States/X/Retry[0]')],
  [
    'names at least one',
    task({ Retry: [{ ErrorEquals: [] }] }),
    schema('Value cannot be empty', '/States/X/Retry[0]/ErrorEquals'),
  ],
  ['need not be there', task({ Retry: [], Catch: [] })],
  [
    'has States.ALL alone',
    task({ Retry: [{ ErrorEquals: ['E', 'States.ALL'] }] }),
    schema('States.ALL must appear alone and at end of list', '/States/X/Retry[0]/ErrorEquals[1]'),
  ],
  [
    'has States.ALL last',
    task({ Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['E'] }] }),
    schema('States.ALL must appear alone and at end of list', '/States/X/Retry[0]/ErrorEquals[0]'),
  ],
  [
    'leads somewhere',
    task({ Catch: [{ ErrorEquals: ['E'] }] }),
    schema('These fields are required: [Next]', '/States/X/Catch[0]'),
  ],
  [
    'has numbers in their ranges',
    task({
      Retry: [{ ErrorEquals: ['E'], IntervalSeconds: 0, MaxAttempts: -1, BackoffRate: 0.5, JitterStrategy: 'HALF' }],
    }),
    schema('Minimum value is 1', '/States/X/Retry[0]/IntervalSeconds'),
    schema('Minimum value is 0', '/States/X/Retry[0]/MaxAttempts'),
    schema('Minimum value is 1', '/States/X/Retry[0]/BackoffRate'),
    schema('Value should be one of the following: [NONE, FULL]', '/States/X/Retry[0]/JitterStrategy'),
  ],
])

describeRules('a choice', [
  ['is there', machineOf({ Type: 'Choice', Choices: [] }), schema('Value cannot be empty', '/States/X/Choices')],
  [
    'leads somewhere',
    choice({ Variable: '$', StringMatches: 'T' }),
    schema('These fields are required: [Next]', '/States/X/Choices[0]'),
  ],
  [
    'leads nowhere from inside',
    choice({ Next: 'Y', Not: { Variable: '$.a', IsNull: true, Next: 'Y' } }),
    schema("Field 'Next' is not supported", '/States/X/Choices[0]/Not'),
  ],
  [
    'is of one kind',
    choice({ Next: 'Y', Not: { Variable: '$.a', IsNull: true }, Or: [{ Variable: '$.a', IsNull: true }] }),
    schema(
      'There should only be one of the following fields: [And, Or, Not, Variable, Condition]',
      '/States/X/Choices[0]',
    ),
  ],
  [
    'compares a reference path',
    choice({ Next: 'Y', Variable: 'States.ArrayLength($.a)', NumericEquals: 0 }),
    schema("Value is not a Reference Path: Reference path didn't start with '$'", '/States/X/Choices[0]/Variable'),
  ],
  [
    'compares with values of its type',
    choice({ Next: 'Y', Variable: '$.a', NumericEquals: '0' }),
    schema('Expected value of type [NUMBER]', '/States/X/Choices[0]/NumericEquals'),
  ],
  ['may test that a type is not', choice({ Next: 'Y', Variable: '$.a', IsString: false })],
])

describeRules('a resource', [
  ['is an ARN', task({ Resource: 'charge' }), schema('Value is not a valid resource ARN', '/States/X/Resource')],
  ...[
    'dynamodb:putItem.waitForTaskToken',
    'lambda:invoke.sync',
    'sqs:sendMessage.sync:2',
    'constructor:name',
    'dynamodb:toString',
  ].map(
    (name): Rule => [
      `is an action that there is, in a pattern that it has: not ${name}`,
      task({ Resource: `arn:aws:states:::${name}` }),
      schema(
        `The resource provided arn:aws:states:::${name} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.`,
        '/States/X/Resource',
      ),
    ],
  ),
  ...[
    'states:startExecution.sync:2',
    'aws-sdk:kms:encrypt',
    'aws-sdk:s3:listBuckets.waitForTaskToken',
    'http:invoke',
  ].map((name): Rule => [`is taken: ${name}`, task({ Resource: `arn:aws:states:::${name}` })]),
  [
    'is called in a role that is named',
    task({ Credentials: {} }),
    schema("The field 'RoleArn' is required but was missing", '/States/X/Credentials'),
  ],
  [
    'that is an activity takes no role',
    task({ Resource: 'arn:aws:states:eu-west-1:123456789012:activity:a', Credentials: { RoleArn: 'r' } }),
    schema("The field 'Credentials' is not supported for activities", '/States/X/Credentials'),
  ],
])

describe('an Express machine', () => {
  test.each([
    ['states:startExecution.sync:2', 'sync'],
    ['sqs:sendMessage.waitForTaskToken', 'waitForTaskToken'],
  ])('does not wait for others: %s', (name, pattern) => {
    expect(diagnosticsOf(task({ Resource: `arn:aws:states:::${name}` }), { type: 'EXPRESS' })).toEqual([
      schema(`Express state machine does not support '.${pattern}' service integration `, '/States/X/Resource'),
    ])
  })

  test('has no activities and no distributed Maps', () => {
    expect(diagnosticsOf(task({ Resource: 'arn:aws:states:r:1:activity:a' }), { type: 'EXPRESS' })).toEqual([
      schema('Express state machine does not support Activity ARN', '/States/X/Resource'),
    ])
    expect(diagnosticsOf(distributed(), { type: 'EXPRESS' })).toEqual([
      schema(
        "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines",
        '/States/X/ItemProcessor/ProcessorConfig/Mode',
      ),
    ])
  })

  test('is what the children of a distributed Map may be', () => {
    const child = { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken', End: true }
    const children = (ExecutionType: string) =>
      map({
        ItemProcessor: { StartAt: 'P', States: { P: child }, ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType } },
      })
    expect(diagnosticsOf(children('STANDARD'))).toEqual([])
    expect(diagnosticsOf(children('EXPRESS'))).toHaveLength(1)
  })
})

describeRules('a Map', [
  [
    'has a processor',
    machineOf({ Type: 'Map', End: true }),
    schema('This object should have only one of the following fields: [ItemProcessor, Iterator]', '/States/X'),
  ],
  [
    'has one processor',
    map({ Iterator: processor() }),
    schema('There should only be one of the following fields: [ItemProcessor, Iterator]', '/States/X'),
  ],
  [
    'runs at least 0 iterations at once',
    map({ MaxConcurrency: -1 }),
    schema('Minimum value is 0', '/States/X/MaxConcurrency'),
  ],
  [
    'tolerates at most all',
    map({ ToleratedFailurePercentage: 101 }),
    schema('Maximum value is 100', '/States/X/ToleratedFailurePercentage'),
  ],
  [
    'that is distributed says how its children run',
    map({ ItemProcessor: processor({ ProcessorConfig: { Mode: 'DISTRIBUTED' } }) }),
    schema('These fields are required: [ExecutionType]', '/States/X/ItemProcessor/ProcessorConfig'),
  ],
  [
    'that is inline has no children',
    map({ ItemProcessor: processor({ ProcessorConfig: { Mode: 'INLINE', ExecutionType: 'STANDARD' } }) }),
    schema("Field 'ExecutionType' is not supported", '/States/X/ItemProcessor/ProcessorConfig'),
  ],
  [
    'reads from what there is',
    distributed({ ItemReader: { Resource: 'arn:aws:states:::s3:putObject', ReaderConfig: { InputType: 'XML' } } }),
    schema("The field 'Resource' does not match any of the allowed values", '/States/X/ItemReader/Resource'),
    schema(
      'Value should be one of the following: [CSV, JSON, JSONL, PARQUET, MANIFEST]',
      '/States/X/ItemReader/ReaderConfig/InputType',
    ),
  ],
  [
    'says where the headers of a CSV file are',
    distributed({ ItemReader: { Resource: 'arn:aws:states:::s3:getObject', ReaderConfig: { InputType: 'CSV' } } }),
    schema("The field 'CSVHeaderLocation' is required", '/States/X/ItemReader/ReaderConfig'),
  ],
  [
    'gives the headers that it says it gives',
    distributed({
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        ReaderConfig: { InputType: 'CSV', CSVHeaderLocation: 'GIVEN' },
      },
    }),
    schema('These fields are required: [CSVHeaders]', '/States/X/ItemReader/ReaderConfig'),
  ],
  [
    'writes somewhere or shapes',
    distributed({ ResultWriter: {} }),
    schema('These fields are required: [Resource]', '/States/X/ResultWriter'),
  ],
  [
    'has a label of at most 40 characters',
    distributed({ Label: 'l'.repeat(41) }),
    [
      'INVALID_LABEL_NAME',
      `Label '${'l'.repeat(41)}' exceeds the 40-character limit allowed by the service`,
      '/States/X/Label',
    ],
  ],
])
