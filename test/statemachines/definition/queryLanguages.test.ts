import { describe, expect, test } from 'vitest'
import {
  describeRules,
  diagnosticsOf,
  END,
  type Expected,
  INVOKE,
  jsonata,
  machineOf,
  map,
  output,
  processor,
  schema,
  task,
} from './definitionRules.ts'

describeRules('a path or template', [
  [
    'starts with $',
    machineOf({ ...END, OutputPath: 'Test' }),
    schema('Value must be a valid JSONPath.', '/States/X/OutputPath'),
  ],
  ['may find many values', machineOf({ ...END, InputPath: "$..a[?(@.b == ']')]['c', 'd'][0:3].length()" })],
  ['may be null', machineOf({ ...END, InputPath: null, OutputPath: null, ResultPath: null })],
  [
    'that is written to names one place',
    machineOf({ ...END, ResultPath: '$.a[*]' }),
    schema('Value is not a Reference Path: Reference path must identify a single node', '/States/X/ResultPath'),
  ],
  [
    'that is written to is in the input',
    machineOf({ ...END, ResultPath: '$variable.a' }),
    schema('Value is not a Reference Path: Reference path must point into the input', '/States/X/ResultPath'),
  ],
  [
    'in a field .$ is a path or a call, however deep',
    machineOf({ ...END, Parameters: { a: [{ 'b.$': 'Test' }] } }),
    schema(
      "The value for the field 'b.$' must be a valid JSONPath or a valid intrinsic function call",
      '/States/X/Parameters',
    ),
  ],
  [
    'calls functions within functions',
    machineOf({
      ...END,
      Parameters: { 'a.$': String.raw`States.Format('it\'s {}, {}', States.ArrayGetItem($.a['x,y'], 0), -1.5e3)` },
    }),
  ],
  [
    'calls only functions that there are, with as many arguments as they take',
    machineOf({
      ...END,
      Parameters: { 'a.$': 'States.constructor(1)', 'b.$': 'States.UUID($.a)', 'c.$': "States.Format('{}" },
    }),
    ...['a', 'b', 'c'].map((name) =>
      schema(
        `The value for the field '${name}.$' must be a valid JSONPath or a valid intrinsic function call`,
        '/States/X/Parameters',
      ),
    ),
  ],
  ['is not sought in a Result', machineOf({ ...END, Result: { 'a.$': 'Test' } })],
])

describeRules('the query language', [
  [
    'has fields of its own: JSONata in JSONPath',
    task({ Arguments: { a: 1 } }),
    schema(
      "The QueryLanguage is set to 'JSONPath', but field 'Arguments' is only supported for the 'JSONata' QueryLanguage",
      '/States/X',
    ),
  ],
  [
    'has fields of its own: JSONPath in JSONata',
    jsonata({ ...END, InputPath: 'whatever' }),
    schema(
      "The QueryLanguage is set to 'JSONata', but field 'InputPath' is only supported for the 'JSONPath' QueryLanguage",
      '/States/X',
    ),
  ],
  [
    'of a Map is not that of what is in it',
    map({ QueryLanguage: 'JSONata', ItemProcessor: { StartAt: 'P', States: { P: { ...END, Output: 1 } } } }),
    schema(
      "The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage",
      '/States/X/ItemProcessor/States/P',
    ),
  ],
  [
    'is not for a processor to choose',
    map({ ItemProcessor: processor({ QueryLanguage: 'JSONata' }) }),
    schema("Field 'QueryLanguage' is not supported", '/States/X/ItemProcessor'),
  ],
  [
    'may not be JSONPath in a JSONata machine, whatever else the state holds',
    jsonata({ ...END, QueryLanguage: 'JSONPath', Output: 1 }),
    schema("'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine", '/States/X'),
  ],
  [
    'is JSONata wherever it is not exactly JSONPath',
    machineOf({ ...END, QueryLanguage: 'foo', InputPath: '$.a' }),
    schema(
      "The QueryLanguage is set to 'JSONata', but field 'InputPath' is only supported for the 'JSONPath' QueryLanguage",
      '/States/X',
    ),
    schema('Value should be one of the following: [JSONPath, JSONata]', '/States/X/QueryLanguage'),
  ],
  [
    'of a choice is that of its state',
    jsonata(
      {
        Type: 'Choice',
        Choices: [
          { Condition: 'true', Next: 'Y' },
          { Condition: true, Next: 'Y' },
        ],
      },
      { Y: END },
    ),
    schema('JSONata string must start with {% and end with %}', '/States/X/Choices[0]/Condition'),
  ],
])

describe('a JSONata expression', () => {
  test.each([
    ['$x :=', 'Unexpected end of expression'],
    ['1 +', 'Unexpected end of expression'],
    ['', 'Unexpected end of expression'],
    ['$states.input[1,2)', 'Expected "]", got ","'],
    ['"unterminated', 'String literal must be terminated by a matching quote'],
    ['{"a":}', 'The symbol "}" cannot be used as a unary operator'],
    ['$match("a", /abc', 'No terminating / in regular expression'],
  ])('parses: not %s', (text, message) => {
    expect(diagnosticsOf(output(`{% ${text} %}`))).toEqual([
      ['INVALID_JSONATA_EXPRESSION', message, '/States/X/Output'],
    ])
  })

  test.each([
    ['phone', 'phone'],
    ['$map($states.input.a, function($x) { b })', 'b'],
    ['$states.input.a ~> $map(function($v) { $v + c })', 'c'],
    ['*', '*'],
    ['$', '$'],
    ['$y := z', 'z'],
    ['{ "k": w }', 'w'],
  ])('starts from $states or a variable: not %s', (text, reference) => {
    expect(diagnosticsOf(output({ deep: [{ v: `{% ${text} %}` }] }))).toEqual([
      [
        'UNSUPPORTED_JSONATA_EXPRESSION',
        `Reference to '${reference}' at the top level is not supported.`,
        '/States/X/Output/deep[0]/v',
      ],
    ])
  })

  test.each([
    '$states.input.items[value > 3]^(>price).{ "name": name }',
    '$states.input ~> | $ | { "a": b } |',
    '$states.context.Execution.Id & $variable.a',
    '$states',
    '($f := function($n) { $n < 2 ? 1 : $f($n - 1) }; $f(3))',
    '$reduce($states.input.a, function($i, $j) { $i + $j })',
    '$states.input.{ "a": b }',
  ])('may name what stands in a later step: %s', (text) => {
    expect(diagnosticsOf(output(`{% ${text} %}`))).toEqual([])
  })

  test('does not read the outermost context', () => {
    expect(diagnosticsOf(output('{% $$ %}'))).toEqual([
      ['UNSUPPORTED_JSONATA_EXPRESSION', "Reference to '$$' is not supported.", '/States/X/Output'],
    ])
  })

  test('reads an error only where one was caught, and a result only where there is one', () => {
    const caught = {
      ErrorEquals: ['States.ALL'],
      Next: 'Y',
      Output: '{% $states.errorOutput %}',
      Assign: { e: '{% $states.errorOutput %}' },
    }
    const work = { Type: 'Task', Resource: INVOKE, Next: 'Y' }
    expect(diagnosticsOf(jsonata({ ...work, Catch: [caught], Output: '{% $states.result %}' }, { Y: END }))).toEqual([])
    expect(
      diagnosticsOf(
        jsonata({ ...work, Arguments: '{% $states.result %}', Output: '{% $states.errorOutput %}' }, { Y: END }),
      ),
    ).toEqual([
      ['UNSUPPORTED_JSONATA_EXPRESSION', "Field '$states.result' does not exist.", '/States/X/Arguments'],
      ['UNSUPPORTED_JSONATA_EXPRESSION', "Field '$states.errorOutput' does not exist.", '/States/X/Output'],
    ])
  })

  test('ends where it begins, or is plain text', () => {
    expect(diagnosticsOf(output('{% 1'))).toEqual([
      schema('JSONata string must start with {% and end with %}', '/States/X/Output'),
    ])
    expect(diagnosticsOf(output([' {% phone %}', '$.a', 'phone']))).toEqual([])
  })

  test('stands where numbers stand', () => {
    expect(diagnosticsOf(jsonata({ Type: 'Wait', Seconds: '{% $states.input.s %}', End: true }))).toEqual([])
    expect(diagnosticsOf(jsonata({ Type: 'Wait', Seconds: '5', End: true }))).toEqual([
      schema('JSONata string must start with {% and end with %}', '/States/X/Seconds'),
    ])
  })
})

describeRules('a variable', [
  [
    'is not named states',
    machineOf({ ...END, Assign: { 'states.$': '$' } }),
    ['RESERVED_VARIABLE_NAME', "Cannot assign to reserved variable '$states'.", '/States/X/Assign'],
  ],
  [
    'has a name of letters, digits and underscores',
    machineOf({ ...END, Assign: { 'a-b': 1, 1: 2, été_1: 3 } }),
    ...['1', 'a-b'].map(
      (name): Expected => [
        'INVALID_VARIABLE_NAME',
        `Invalid variable name '${name}': the variable name contains invalid characters.`,
        '/States/X/Assign',
      ],
    ),
  ],
  [
    'of a branch has a name that none outside has',
    machineOf(
      { Type: 'Pass', Assign: { v: 1 }, Next: 'P' },
      {
        P: {
          Type: 'Parallel',
          Branches: [{ StartAt: 'B', States: { B: { ...END, Assign: { 'v.$': '$' } } } }],
          End: true,
        },
      },
    ),
    [
      'DUPLICATE_VARIABLE_NAME',
      "The variable name 'v' was already defined in a parent scope.",
      '/States/P/Branches[0]/States/B/Assign',
    ],
  ],
])
