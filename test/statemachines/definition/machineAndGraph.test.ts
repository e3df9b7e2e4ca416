import { describeRules, END, INVOKE, machineOf, map, missing, schema, unreached } from './definitionRules.ts'

describeRules('the machine', [
  ['is an object', '[]', schema('Definition must be a valid JSON object', null)],
  ['is not blank', ' \n', schema('Definition must be a valid JSON object', null)],
  ['has StartAt and States', {}, schema('These fields are required: [StartAt, States]', '/')],
  ['has no other fields', machineOf(END, {}, { Extra: 1 }), schema("Field 'Extra' is not supported", '/')],
  ['has states', { StartAt: 'X', States: {} }, schema('Value cannot be empty', '/States')],
  [
    'has version 1.0',
    machineOf(END, {}, { Version: '2' }),
    schema('Value should be one of the following: [1.0]', '/Version'),
  ],
  [
    'times out after a second at least',
    machineOf(END, {}, { TimeoutSeconds: 0 }),
    schema('Minimum value is 1', '/TimeoutSeconds'),
  ],
  [
    'speaks one of two languages',
    machineOf(END, {}, { QueryLanguage: 'jsonata' }),
    schema('Value should be one of the following: [JSONPath, JSONata]', '/QueryLanguage'),
  ],
  [
    'names its language in a string',
    machineOf(END, {}, { QueryLanguage: 5 }),
    schema('Expected value of type [STRING]', '/QueryLanguage'),
  ],
])

describeRules('the graph', [
  [
    'starts at a state that exists, or nothing is reached',
    { StartAt: 'No', States: { A: END } },
    missing('No', '/StartAt'),
    unreached('A', '/States/A'),
  ],
  [
    'leads to states that exist, and to all that there are',
    machineOf({ Type: 'Pass', Next: 'pass3' }, { pass2: END }),
    missing('pass3', '/States/X/Next'),
    unreached('pass2', '/States/pass2'),
  ],
  [
    'ends somewhere, else what is not reached is not told',
    machineOf({ Type: 'Pass', Next: 'B' }, { B: { Type: 'Pass', Next: 'X' }, Unused: { Type: 'Pass', Next: 'X' } }),
    ['MISSING_END_STATE', 'Workflow has no terminal state', null],
  ],
  [
    'tells of a missing target before it tells of no end',
    machineOf({ Type: 'Pass', Next: 'No' }),
    missing('No', '/States/X/Next'),
    ['MISSING_END_STATE', 'Workflow has no terminal state', null],
  ],
  [
    'of an iteration may loop for ever',
    map({ ItemProcessor: { StartAt: 'P', States: { P: { Type: 'Pass', Next: 'P' } } } }),
  ],
  [
    'reaches every state of a branch',
    machineOf({ Type: 'Parallel', Branches: [{ StartAt: 'W', States: { W: END, 'a/b': END } }], End: true }),
    unreached('a/b', '/States/X/Branches[0]/States/a/b'),
  ],
  [
    'does not lead out of a branch',
    machineOf(
      { Type: 'Parallel', Branches: [{ StartAt: 'W', States: { W: { Type: 'Pass', Next: 'Y' } } }], Next: 'Y' },
      { Y: END },
    ),
    missing('Y', '/States/X/Branches[0]/States/W/Next'),
  ],
  [
    'says Next of every missing target: a choice, a default, a catcher',
    machineOf(
      {
        Type: 'Task',
        Resource: INVOKE,
        Catch: [{ ErrorEquals: ['E'], Next: 'no 1' }],
        Next: 'C',
      },
      { C: { Type: 'Choice', Choices: [{ Variable: '$.a', IsNull: true, Next: 'no 2' }], Default: 'no 3' }, D: END },
    ),
    missing('no 1', '/States/X/Catch[0]/Next'),
    missing('no 2', '/States/C/Choices[0]/Next'),
    missing('no 3', '/States/C/Default'),
    unreached('D', '/States/D'),
  ],
  [
    'has each name once in the whole machine',
    map({ ItemProcessor: { StartAt: 'X', States: { X: END } } }),
    ['DUPLICATE_STATE_NAME', 'Duplicate State name: X', '/States/X/ItemProcessor/States/X'],
  ],
  [
    'is followed only where its shape is right',
    machineOf({ Type: 'Pass', Next: 'No', End: true }, { Unused: END }),
    schema('There should only be one of the following fields: [Next, End]', '/States/X'),
  ],
])
