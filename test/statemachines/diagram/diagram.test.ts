import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { isDistributed, type StateMachineDefinition } from '../../../src/statemachines/definition/types.ts'
import { validateDefinition } from '../../../src/statemachines/definition/validateDefinition.ts'
import { DIAGRAM_FORMATS, diagram } from '../../../src/statemachines/diagram/diagram.ts'
import { assertWellFormedXml } from './wellFormedXml.ts'

const FUNCTION = 'arn:aws:lambda:eu-west-1:123456789012:function:charge'

function machine(States: object, StartAt = Object.keys(States)[0]!): StateMachineDefinition {
  const { definition, diagnostics } = validateDefinition(JSON.stringify({ StartAt, States }), { type: 'STANDARD' })
  expect(diagnostics).toEqual([])
  return definition!
}

const ORDER = machine({
  Validate: { Type: 'Task', Resource: FUNCTION, Next: 'Large?', Catch: [{ ErrorEquals: ['Bad'], Next: 'Refuse' }] },
  'Large?': {
    Type: 'Choice',
    Choices: [{ Variable: '$.total', NumericGreaterThan: 100, Next: 'Approve' }],
    Default: 'Ship',
  },
  Approve: { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken', Next: 'Ship' },
  Ship: {
    Type: 'Parallel',
    Branches: [
      { StartAt: 'Notify', States: { Notify: { Type: 'Pass', End: true } } },
      {
        StartAt: 'Each',
        States: {
          Each: {
            Type: 'Map',
            ItemProcessor: { StartAt: 'Pack', States: { Pack: { Type: 'Wait', Seconds: 3, End: true } } },
            End: true,
          },
        },
      },
    ],
    Next: 'Done',
  },
  Refuse: { Type: 'Fail', Error: 'Refused' },
  Done: { Type: 'Succeed' },
})

const HOSTILE = [
  '"]; end; click s1 "javascript:alert(1)"',
  '</text></svg><script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>&lt;',
  'a\\" -> b; node [label="',
  '%%{init: {"theme":"dark"}}%%\nflowchart LR',
  '`**bold**` <b>x</b> #quot; &amp; ]]>',
  "'--><!-- ' &#0; \u202e\ud800\u0000\u001b[31m",
  '__proto__',
  'constructor',
]

describe('a diagram in Mermaid', () => {
  test('has a node for each state, a nested graph for each branch and iteration, and the arrows with their labels', () => {
    const text = diagram(ORDER, 'MERMAID')
    expect(text.split('\n')[0]).toBe('flowchart TD')
    expect(text).toContain('s2{"◆ Large#63;"}')
    expect(text).toContain('s2 -->|"#36;.total #62; 100"| s3')
    expect(text).toContain('s2 -->|"Default"| s4')
    expect(text).toContain('s1 -.->|"Bad"| s5')
    expect(text.match(/subgraph /g)).toHaveLength(5)
    expect(text.match(/^ *end$/gm)).toHaveLength(5)
    expect(text).toContain('s6 --> finish')
  })

  test('gives each status its class', () => {
    const text = diagram(ORDER, 'MERMAID', { Validate: 'SUCCEEDED', Pack: 'FAILED' })
    expect(text).toContain('class s1 SUCCEEDED')
    expect(text.match(/^ {2}class s\d+ FAILED$/gm)).toHaveLength(1)
  })
})

describe('a diagram in DOT', () => {
  test('nests clusters, and leads arrows to their borders', () => {
    const text = diagram(ORDER, 'DOT')
    expect(text).toContain('subgraph cluster_s4 {')
    expect(text).toContain('s2 -> s4 [label="Default", lhead=cluster_s4]')
    expect(text).toContain('s4exit -> s6 [ltail=cluster_s4]')
    expect(text).toMatch(/s1 -> s5 \[style=dashed.*label="Bad"\]/)
    expect(text.split('{').length).toBe(text.split('}').length)
  })
})

describe('a diagram in SVG', () => {
  test('is well-formed and shows every state, condition and caught error', () => {
    const text = diagram(ORDER, 'SVG')
    assertWellFormedXml(text)
    for (const shown of ['Validate', 'Large?', 'Notify', 'Pack', '$.total &gt; 100', 'Default', 'Bad', 'Branch 2'])
      expect(text).toContain(`>${shown}<`)
    expect(text).toContain('stroke-dasharray="5 4"')
  })

  test('tells statuses by colour and by word, with a legend', () => {
    const text = diagram(ORDER, 'SVG', { Validate: 'CAUGHT', Refuse: 'FAILED', Nobody: 'RUNNING' })
    expect(text.match(/>caught</g)).toHaveLength(2)
    expect(text.match(/>failed</g)).toHaveLength(2)
    expect(text).not.toContain('>running<')
  })

  test('gives every line a last part with a length, or its arrow would point nowhere', () => {
    const loop = machine({
      Wait: { Type: 'Wait', Seconds: 1, Next: 'Look' },
      Look: { Type: 'Task', Resource: FUNCTION, Next: 'Ready?' },
      'Ready?': { Type: 'Choice', Choices: [{ Variable: '$.ok', IsPresent: true, Next: 'Done' }], Default: 'Wait' },
      Done: { Type: 'Succeed' },
    })
    for (const drawn of [loop, ORDER])
      for (const [, path] of diagram(drawn, 'SVG').matchAll(/<path d="([^"]+)"[^>]*marker-end/g)) {
        const points = [...path!.matchAll(/(-?[\d.]+ -?[\d.]+)(?= [LC]|$)/g)].map(([point]) => point)
        expect(points.length).toBeGreaterThan(1)
        expect(points.at(-1)).not.toBe(points.at(-2))
      }
  })

  test('tells in words what would be too long a line', () => {
    const steps = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [
        `Step ${index}`,
        {
          Type: 'Task',
          Resource: FUNCTION,
          Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Handler' }],
          ...(index < 29 ? { Next: `Step ${index + 1}` } : { End: true }),
        },
      ]),
    )
    const text = diagram(machine({ ...steps, Handler: { Type: 'Fail' } }), 'SVG')
    // The handler stands under the last step: the nearest five lead there by a line, the others tell.
    expect(text.match(/States\.ALL → Handler/g)).toHaveLength(25)
    assertWellFormedXml(text)
  })

  test.each([400, 5_000])('is drawn in about a second for a machine of %i states', (count) => {
    const states = Object.fromEntries(
      Array.from({ length: count }, (_, index) => [
        `S${index}`,
        { Type: 'Pass', ...(index < count - 1 ? { Next: `S${index + 1}` } : { End: true }) },
      ]),
    )
    const started = performance.now()
    const text = diagram(machine(states), 'SVG')
    expect(performance.now() - started).toBeLessThan(3_000)
    expect(text.match(/<title>S/g)).toHaveLength(count + 1)
  })
})

describe('a hostile name', () => {
  const hostile = machine({
    ...Object.fromEntries(
      HOSTILE.map((name, index) => [
        name,
        {
          Type: 'Choice',
          Comment: name,
          Choices: [{ Variable: '$.a', StringEquals: name, Next: HOSTILE[index + 1] ?? 'last' }],
          Default: 'last',
        },
      ]),
    ),
    last: { Type: 'Succeed' },
  })
  const statuses = Object.fromEntries(HOSTILE.map((name) => [name, 'RUNNING' as const]))

  test('is text in SVG: no element, attribute or entity comes of it', () => {
    const text = diagram({ ...hostile, Comment: HOSTILE.join(' ') }, 'SVG', statuses)
    const { elements, attributes } = assertWellFormedXml(text)
    expect([...elements].sort()).toEqual(
      ['circle', 'defs', 'g', 'marker', 'path', 'rect', 'svg', 'text', 'title'].sort(),
    )
    expect([...attributes].filter((name) => /^on|href|style|src/.test(name))).toEqual([])
  })

  test('is text in Mermaid: every line is one that the diagram itself writes', () => {
    const id = String.raw`(?:[sc]\d+(?:start)?|start|finish)`
    const label = String.raw`"(?:[\p{L}\p{M}\p{N} _.,⚙◔→✔✖◆⇉↻-]|#\d+;|<br/>)*"`
    const line = new RegExp(
      String.raw`^ *(?:flowchart TD|end|direction (?:TB|LR)|classDef \w+ [\w:#,-]+|class [\w,]+ \w+|start\(\(" "\)\)|finish\(\(\(" "\)\)\)|${id}(?:\{${label}\}|\(\[${label}\]\)|\{\{${label}\}\}|\[?\(?${label}\)?\]?)|${id} (?:-->|-\.->)(?:\|${label}\|)? ${id}|subgraph ${id}\[${label}\])$`,
      'u',
    )
    const lines = diagram(hostile, 'MERMAID', statuses).trimEnd().split('\n')
    expect(lines.filter((written) => !line.test(written))).toEqual([])
  })

  test('is text in DOT: quotes stay closed and nothing stands outside of them', () => {
    const text = diagram(hostile, 'DOT', statuses)
    const outside = text.replace(/"(?:[^"\\\n]|\\.)*"/g, '""')
    expect(outside.replace(/[\w{}[\]=,;.\->\s]|""/g, '')).toBe('')
    expect(outside).not.toMatch(/alert|javascript|init/)
  })

  test.each(DIAGRAM_FORMATS)('has a status only where one was given: %s', (format) => {
    const named = machine({ constructor: { Type: 'Pass', Next: 'toString' }, toString: { Type: 'Succeed' } })
    expect(diagram(named, format)).not.toMatch(/native code|undefined/)
  })
})

test('every machine that ran on AWS can be drawn in every format', () => {
  const executions = JSON.parse(
    readFileSync(new URL('../../fixtures/asl/executions.json', import.meta.url), 'utf8'),
  ) as readonly { definition: StateMachineDefinition }[]
  const distinct = new Map(executions.map(({ definition }) => [JSON.stringify(definition), definition]))
  let distributed = 0
  for (const definition of distinct.values()) {
    for (const format of DIAGRAM_FORMATS) expect(diagram(definition, format).length).toBeGreaterThan(100)
    assertWellFormedXml(diagram(definition, 'SVG'))
    if (Object.values(definition.States).some((state) => state.Type === 'Map' && isDistributed(state))) distributed += 1
  }
  expect(distributed).toBeGreaterThan(0)
})
